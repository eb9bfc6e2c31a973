import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCommand, redact } from './redact.js';

// The mask itself is made of asterisks: a secret of asterisks alone cannot be told from it.
const secret = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/^\*+$/.test(text) && !text.includes('*'));

describe('a secret', () => {
  it('never stands in a message, wherever it stood in the text', () => {
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 4 }), fc.array(fc.string()), (secrets, texts) => {
        const shown = redact(texts.flatMap((text, i) => [text, secrets[i % secrets.length] ?? '']).join(''), secrets);
        for (const one of secrets) expect(shown).not.toContain(one);
      }),
    );
  });

  it('leaves no tail where another secret begins it', () => {
    expect(redact('token hunter22', ['hunter', 'hunter22'])).toBe('token ***');
  });

  it('is masked before a command is quoted for reading, which would change it', () => {
    expect(formatCommand('login', [`--password=it's`], [`it's`])).toBe(`login '--password=***'`);
  });
});

describe('a command in a message', () => {
  it('can be pasted into a shell where it holds no secret', () => {
    expect(formatCommand('echo', ['a b', `it's`, '$HOME', '', '*'])).toBe(`echo 'a b' 'it'\\''s' '$HOME' '' '*'`);
  });
});
