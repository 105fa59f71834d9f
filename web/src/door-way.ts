import { signal } from '@preact/signals';

/** What the door opens with. */
export const doorWay = signal<'register' | 'login' | 'forgot'>('register');
