/** What user-data can be apart from a cloud-config, by how it begins (cloud-init's user_data.py and handlers). */
const formats: readonly (readonly [RegExp, string, string])[] = [
  [/^\ufeff/, 'begins with a byte order mark', 'remove it: sed -i "1s/^\\xEF\\xBB\\xBF//" FILE'],
  [
    /^## template:\s*jinja/,
    'is a jinja template',
    'write plain values: katavm composes user-data as data and renders no templates',
  ],
  [/^#!/, 'is a script', 'put it into runcmd, or into write_files with a runcmd that runs it'],
  [/^#include/, 'is a list of URLs to include', 'put the included files here: a guest must be built from what is known before'],
  [/^#cloud-boothook/, 'is a boothook', 'put its commands into bootcmd'],
  [/^#cloud-config-(archive|jsonp)/, 'is a cloud-config archive or patch', 'write one #cloud-config'],
  [/^#part-handler/, 'is a part handler', 'use runcmd'],
  [/^#upstart-job/, 'is an upstart job', 'use write_files to put a systemd unit'],
  [/^(Content-Type|MIME-Version|From ):?/i, 'is a MIME message', 'take its text/cloud-config part'],
  [/^\s+#cloud-config\b/, 'has something before "#cloud-config"', 'make it the very first characters of the file'],
  [/^# +cloud-config\b/i, 'has a blank in "# cloud-config"', 'write #cloud-config'],
];

export interface OtherFormat {
  /** Continues a sentence: `FILE …`. */
  readonly problem: string;
  readonly hint: string;
}

/** `undefined` for text that cloud-init takes for a cloud-config. */
export function otherFormat(text: string): OtherFormat | undefined {
  if (/^#cloud-config(\s|$)/.test(text)) return undefined;
  const known = formats.find(([pattern]) => pattern.test(text));
  if (known) return { problem: known[1], hint: known[2] };
  return {
    problem: text.trim() === '' ? 'is empty' : 'does not begin with "#cloud-config"',
    hint: 'cloud-init knows a cloud-config by its first line: make it #cloud-config',
  };
}
