/** The start of the console. */
import {useStoredTheme} from './elements/theme-button.js';
import './console-app.js';

useStoredTheme();
