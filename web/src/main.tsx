import './styles/base.css';
import './styles/shell.css';
import './styles/hall.css';
import './styles/roulette.css';
import './styles/spin.css';
import './styles/battle.css';
import './styles/deeds.css';
import './styles/board.css';
import './styles/you.css';
import './styles/gear.css';
import './styles/pets.css';
import './styles/shop.css';
import './styles/profile.css';
import './styles/replay.css';
import { render } from 'preact';
import { Page } from './page.tsx';

render(<Page />, document.getElementById('page')!);
