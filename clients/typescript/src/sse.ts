/** A server-sent event. */
export interface Message {
  /** Absent if the message has none. */
  readonly id?: string;
  readonly event: string;
  readonly data: string;
}

/** Puts messages together from text, wherever it is cut (HTML, section 9.2.6). */
export class SseParser {
  #rest = '';
  #afterCr = false;
  #id: string | undefined;
  #event = '';
  #data: string[] = [];

  /** Returns the messages that a piece of text ends. */
  read(text: string): Message[] {
    const messages: Message[] = [];
    const piece = this.#afterCr && text.startsWith('\n') ? text.slice(1) : text;
    this.#afterCr = text === '' ? this.#afterCr : text.endsWith('\r');
    const lines = (this.#rest + piece).split(/\r\n|\r|\n/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const message = this.#line(line);
      if (message !== undefined) {
        messages.push(message);
      }
    }
    return messages;
  }

  #line(line: string): Message | undefined {
    if (line === '') {
      return this.#end();
    }
    const colon = line.indexOf(':');
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'id') {
      this.#id = value;
    } else if (name === 'event') {
      this.#event = value;
    } else if (name === 'data') {
      this.#data.push(value);
    }
    return undefined;
  }

  #end(): Message | undefined {
    const data = this.#data.join('\n');
    const message =
      this.#data.length === 0
        ? undefined
        : { event: this.#event, data, ...(this.#id === undefined ? {} : { id: this.#id }) };
    this.#id = undefined;
    this.#event = '';
    this.#data = [];
    return message;
  }
}
