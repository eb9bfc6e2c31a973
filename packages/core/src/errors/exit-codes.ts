/** The exit codes of every katavm program. A guest command's own code passes through; `ours` marks a failure of katavm itself there. */
export const ExitCode = {
  ok: 0,
  failed: 1,
  usage: 2,
  hostNotReady: 3,
  notFound: 4,
  timedOut: 5,
  /** `katavm run` failed before or after the guest's command; the value that `docker run` and `git bisect` use for the same. */
  ours: 125,
  /** 128 + SIGHUP (1), as shells report it: the terminal is gone. */
  hungUp: 129,
  /** 128 + SIGINT (2), as shells report it. */
  interrupted: 130,
  /** 128 + SIGTERM (15), as shells report it. */
  terminated: 143,
} as const;

export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode];
