import leven from 'leven';

/** The known name that was probably meant, if one is near enough: at most a third of the letters differ, or two were swapped. */
export function suggest(written: string, known: Iterable<string>): string | undefined {
  let best: { name: string; distance: number } | undefined;
  for (const name of known) {
    const distance = distanceBetween(written.toLowerCase(), name.toLowerCase());
    if (!best || distance < best.distance) best = { name, distance };
  }
  return best && best.distance <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

/** Levenshtein's, which counts two swapped letters as two changes; a person makes that slip as one. */
function distanceBetween(a: string, b: string): number {
  const distance = leven(a, b);
  return distance === 2 && sorted(a) === sorted(b) ? 1 : distance;
}

function sorted(text: string): string {
  return [...text].sort().join('');
}
