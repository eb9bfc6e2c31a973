import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fileNameOf, shownUrl } from './shown-url.js';

test('a URL in a message shows neither user nor password nor a signed query', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9]{8,16}$/).map((text) => `SECRET${text}`);
  fc.assert(
    fc.property(secret, secret, secret, (user, password, token) => {
      const shown = shownUrl(`https://${user}:${password}@images.example.org/a/image.img?signature=${token}#${token}`);
      expect(shown).toBe('https://images.example.org/a/image.img?…');
    }),
  );
});

test("an image's name is the decoded last part of its URL", () => {
  expect(fileNameOf('https://images.example.org/a/my%20image.img?x=/b')).toBe('my image.img');
  expect(fileNameOf('https://images.example.org/100%.img')).toBe('100%.img');
});
