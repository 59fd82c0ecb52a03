/** The start of the console. */
import './console-app.js';
import {useStoredTheme} from './elements/theme-button.js';

useStoredTheme();
