/**
 * Text that PyYAML (YAML 1.1) reads back as the same data: JSON's layout with every string in double quotes, so that nothing
 * is guessed, and YAML's escapes where JSON's would be misread. cloud-init reads it like any other YAML.
 */
export function renderYaml(value: unknown): string {
  return `${render(value, '')}\n`;
}

function render(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return number(value);
  if (typeof value === 'boolean') return String(value);
  if (value instanceof Date) return timestamp(value);
  if (value instanceof Uint8Array) return `!!binary "${Buffer.from(value).toString('base64')}"`;
  const inner = `${indent}  `;
  if (Array.isArray(value))
    return lines(
      '[',
      ']',
      value.map((item) => render(item, inner)),
      indent,
    );
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return lines(
    '{',
    '}',
    entries.map(([key, item]) => `${keyText(key)}: ${render(item, inner)}`),
    indent,
  );
}

function lines(open: string, close: string, items: readonly string[], indent: string): string {
  if (items.length === 0) return `${open}${close}`;
  return `${open}\n${items.map((item) => `${indent}  ${item}`).join(',\n')}\n${indent}${close}`;
}

/** YAML 1.1 allows 1024 characters before the ":" of a key without "?"; an escape takes up to 10. */
const longestSimpleKey = 100;

function keyText(key: string): string {
  return key.length > longestSimpleKey ? `? ${quote(key)} ` : quote(key);
}

/**
 * YAML's printable characters stay, all others are escaped, and so are line breaks beyond ASCII (NEL, LS, PS), which PyYAML would
 * fold. A character beyond the BMP stays as it is: PyYAML does not join JSON's pair of \u escapes.
 */
function quote(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
  const special = /["\\\u0000-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|\p{Surrogate}/gu;
  return `"${text.replace(special, escaped)}"`;
}

const short: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escaped(character: string): string {
  return short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** YAML 1.1 knows a float by its dot, and takes an exponent only with its sign: 1e+21 would be a string. */
function number(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  if (Object.is(value, -0)) return '-0.0';
  const digits = String(value);
  return digits.includes('e') && !digits.includes('.') ? digits.replace('e', '.0e') : digits;
}

function timestamp(date: Date): string {
  const iso = date.toISOString();
  return iso.endsWith('T00:00:00.000Z') ? iso.slice(0, 10) : iso;
}
