/** `Cloud-init v. 22.4.2 running 'modules:config' at …`, and `… finished at …` after the last stage. */
const announcement = /Cloud-init v\. \S+ (?:running '([a-z:-]+)'|(finished) at )/;

/** The stage that a console line announces, named as in cloud-init's status.json; `finished` for the end. */
export function stageOfConsoleLine(line: string): string | undefined {
  const match = announcement.exec(line);
  return match?.[1]?.replace(':', '-') ?? match?.[2];
}
