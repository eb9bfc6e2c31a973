import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readQcow2References } from './qcow2-header.js';
import { looksLikeHtml, recognise } from './recognise.js';

function head(at: number, bytes: string): Buffer {
  const buffer = Buffer.alloc(68 * 1024);
  buffer.write(bytes, at, 'latin1');
  return buffer;
}

describe('what a downloaded file is', () => {
  test('shows in its first bytes', () => {
    expect(recognise(head(0, 'QFI\xfb'))).toEqual({ kind: 'disk', format: 'qcow2' });
    expect(recognise(head(510, '\x55\xaa'))).toEqual({ kind: 'disk', format: 'raw' });
    expect(recognise(head(1080, '\x53\xef'))).toEqual({ kind: 'disk', format: 'raw' });
    expect(recognise(head(0, '\xfd7zXZ\0'))).toEqual({ kind: 'compressed', by: 'xz' });
    expect(recognise(head(0, 'KDMV'))).toEqual({ kind: 'other', name: 'a VMDK image' });
    expect(recognise(Buffer.from('\n<!DOCTYPE html><title>Log in'))).toEqual({ kind: 'html' });
  });

  test('an installer with a boot sector is not taken for a disk', () => {
    const installer = head(510, '\x55\xaa');
    installer.write('CD001', 0x8001, 'latin1');
    expect(recognise(installer).kind).toBe('other');
  });

  test('any bytes are judged without a crash', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => recognise(Buffer.from(bytes)).kind !== undefined));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 90 }), (bytes) => readQcow2References(Buffer.from(bytes)) !== null));
  });

  test('a page is known by a byte order mark, an XML declaration, or any case of its letters', () => {
    for (const page of ['\ufeff<HTML>', '<?xml version="1.0"?>\n<!DOCTYPE html>', '  <head>']) {
      expect(looksLikeHtml(Buffer.from(page))).toBe(true);
    }
    expect(looksLikeHtml(Buffer.from('a text about <html>'))).toBe(false);
  });
});
