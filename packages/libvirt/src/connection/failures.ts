import { ExitCode, KatavmError } from '@katavm/core';

export function domainExists(name: string, uri: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_DOMAIN_EXISTS',
    message: `there is a domain ${name} on ${uri} already`,
    hint: `choose another name, or delete it: katavm clone delete ${name}`,
  });
}

export function domainForeign(name: string, uri: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_DOMAIN_FOREIGN',
    message: `there is a domain ${name} on ${uri} that this katavm did not make; it was left alone`,
    hint: `look at it with "virsh -c ${uri} dumpxml ${name}"; choose another name, or remove it yourself if nobody needs it`,
  });
}

export function domainNotFound(name: string, uri: string): KatavmError {
  return new KatavmError({
    code: 'KATAVM_DOMAIN_NOT_FOUND',
    message: `there is no domain ${name} on ${uri}`,
    hint: '"katavm clone list" shows what there is',
    exitCode: ExitCode.notFound,
  });
}
