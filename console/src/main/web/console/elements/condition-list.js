/** What was looked at, one thing after the other, with its outcome. */
import {html} from 'lit';

/** @typedef {{outcome: 'passed' | 'failed' | 'idle', text: unknown}} Condition `idle`: not looked at */

const OUTCOMES = {passed: 'Yes: ', failed: 'No: ', idle: 'Not checked: '};

/** @param {Condition[]} conditions */
export function conditionList(conditions) {
  return html`<ul class="conditions">${conditions.map(({outcome, text}) => html`<li class=${outcome}>
    <span><span class="hidden">${OUTCOMES[outcome]}</span>${text}</span></li>`)}</ul>`;
}
