/** The start of the holder's page. */
import {useStoredTheme} from '../console/elements/theme-button.js';
import './my-key-page.js';

useStoredTheme();
