/** How one figure grows: its values over the same steps as its neighbours'. */
export interface Series {
  readonly name: string;
  /** `undefined` where nothing was measured. */
  readonly values: readonly (number | undefined)[];
}

export interface Panel {
  readonly title: string;
  readonly unit: string;
  /** What stands below the values: sizes, numbers of clones. */
  readonly steps: readonly string[];
  readonly series: readonly Series[];
}

const width = 420;
const height = 260;
const margin = { left: 60, right: 20, top: 40, bottom: 60 };
const colours = ['#1f6feb', '#d1242f', '#1a7f37', '#8250df'];

/** The panels, side by side and two in a row, as an SVG document. Every axis begins at zero: flat looks flat. */
export function chart(panels: readonly Panel[]): string {
  const rows = Math.ceil(panels.length / 2);
  const drawn = panels.map(
    (panel, index) => `<g transform="translate(${(index % 2) * width} ${Math.floor(index / 2) * height})">${draw(panel)}</g>`,
  );
  const size = `width="${2 * width}" height="${rows * height}"`;
  const style = '<style>text { font: 12px sans-serif } .title { font-weight: bold }</style>';
  const ground = '<rect width="100%" height="100%" fill="white"/>';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size}>\n${style}\n${ground}\n${drawn.join('\n')}\n</svg>\n`;
}

function draw({ title, unit, steps, series }: Panel): string {
  const highest = Math.max(...series.flatMap(({ values }) => values.filter(isMeasured))) * 1.1 || 1;
  const bottom = height - margin.bottom;
  const x = (step: number) => margin.left + ((step + 0.5) * (width - margin.left - margin.right)) / steps.length;
  const y = (value: number) => bottom - (value / highest) * (bottom - margin.top);
  const axis = `<path d="M${margin.left} ${margin.top}V${bottom}H${width - margin.right}" fill="none" stroke="#57606a"/>`;
  const head = text(12, 20, `${title} (${unit})`, 'class="title"');
  const scale = text(margin.left - 6, y(highest) + 4, short(highest), 'text-anchor="end"');
  const zero = text(margin.left - 6, bottom, '0', 'text-anchor="end"');
  const below = steps.map((step, index) => text(x(index), bottom + 16, step, 'text-anchor="middle"'));
  const lines = series.map(({ name, values }, index) => {
    const colour = colours[index % colours.length];
    const measured = values.flatMap((value, step) => (isMeasured(value) ? [{ value, step }] : []));
    const points = measured.map(({ value, step }) => `${x(step).toFixed(1)},${y(value).toFixed(1)}`);
    const dots = measured.map(({ value, step }) => {
      const at = `cx="${x(step).toFixed(1)}" cy="${y(value).toFixed(1)}"`;
      return `<circle ${at} r="3" fill="${colour}"/>${text(x(step), y(value) - 6, short(value), 'text-anchor="middle"')}`;
    });
    const legend = text(margin.left + index * 120, height - 20, name, `fill="${colour}"`);
    return `<polyline points="${points.join(' ')}" fill="none" stroke="${colour}"/>${dots.join('')}${legend}`;
  });
  return [axis, head, scale, zero, ...below, ...lines].join('\n');
}

const isMeasured = (value: number | undefined): value is number => value !== undefined;

function text(x: number, y: number, content: string, more: string): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${escaped}</text>`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
