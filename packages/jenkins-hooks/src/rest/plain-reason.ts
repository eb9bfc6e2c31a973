const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', '#39': "'", '#039': "'" };

/** The reason for which a node is offline, as somebody wrote it: REST gives it escaped for HTML since 2.551 and LTS 2.555.1. */
export function plainReason(reason: string | null | undefined): string {
  return (reason ?? '').replaceAll(/&(lt|gt|amp|quot|#0?39);/g, (_, name: string) => entities[name] ?? '');
}
