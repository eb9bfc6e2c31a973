import { exec } from '@katavm/core';

const program = `
import datetime, json, sys, yaml

def plain(value):
    if isinstance(value, datetime.datetime):
        return {"datetime": value.astimezone(datetime.timezone.utc).isoformat()}
    if isinstance(value, datetime.date):
        return {"date": value.isoformat()}
    if isinstance(value, bytes):
        return {"bytes": list(value)}
    if isinstance(value, float):
        return value if abs(value) < float("inf") else {"float": repr(value)}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value

# PyYAML's pure Python loader, as cloud-init uses it. Lone surrogates pass through json's own escapes.
print(json.dumps([plain(yaml.safe_load(text.encode("utf-8"))) for text in json.load(sys.stdin)]))
`;

export async function hasPyYaml(): Promise<boolean> {
  const { exitCode } = await exec('python3', ['-c', 'import yaml'], { acceptExitCodes: [0, 1] });
  return exitCode === 0;
}

/** What PyYAML reads, text by text, as JSON data; dates, bytes and infinity are marked. */
export async function readWithPyYaml(texts: readonly string[]): Promise<unknown[]> {
  const { stdout } = await exec('python3', ['-c', program], { input: JSON.stringify(texts) });
  return JSON.parse(stdout) as unknown[];
}
