import 'uplot/dist/uPlot.min.css';
import './styles/desk.css';
import './styles/parts.css';
import './styles/pages.css';
import { render } from 'preact';
import { Desk } from './desk.tsx';

render(<Desk />, document.getElementById('desk')!);
