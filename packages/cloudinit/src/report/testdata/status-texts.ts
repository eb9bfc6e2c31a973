/** Texts as cloud-init's versions write them (cloudinit/cmd/main.py, cloudinit/cmd/status.py of each). For tests. */

const stage = (start: number | null, finished: number | null, more: object = {}) => ({ errors: [], finished, start, ...more });

/** 18.x: `modules-init` is among the stages, nothing recoverable is told. */
export const bionic = {
  runningBetweenStages: JSON.stringify({
    v1: {
      datasource: 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]',
      init: stage(1527608560.1, 1527608561.9),
      'init-local': stage(1527608557.2, 1527608557.8),
      'modules-config': stage(null, null),
      'modules-final': stage(null, null),
      'modules-init': stage(null, null),
      stage: null,
    },
  }),
  done: {
    status: JSON.stringify({
      v1: {
        datasource: 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]',
        init: stage(1527608560.1, 1527608561.9),
        'init-local': stage(1527608557.2, 1527608557.8),
        'modules-config': stage(1527608563.0, 1527608564.4),
        'modules-final': stage(1527608566.2, 1527608963.7),
        stage: null,
      },
    }),
    result: JSON.stringify({ v1: { datasource: 'DataSourceNoCloud [seed=/dev/sr0][dsmode=net]', errors: [] } }),
  },
};

/** 22.4.2 (Debian 12): `cloud-init status --format json` names no stage, and knows neither extended_status nor recoverable errors. */
export const bookworm = {
  running: {
    status: JSON.stringify({
      v1: {
        datasource: 'DataSourceNoCloud [seed=/dev/vdb][dsmode=net]',
        init: stage(1700000012.1, 1700000014.9),
        'init-local': stage(1700000007.2, 1700000007.8),
        'modules-config': stage(1700000016.0, 1700000017.3),
        'modules-final': stage(1700000018.2, null),
        'modules-init': stage(null, null),
        stage: 'modules-final',
      },
    }),
    extended: JSON.stringify({
      _schema_version: '1',
      boot_status_code: 'enabled-by-generator',
      datasource: 'nocloud',
      detail: 'Running in stage: modules-final',
      errors: [],
      last_update: 'Tue, 14 Nov 2023 22:13:38 +0000',
      schemas: { '1': { status: 'running', errors: [] } },
      status: 'running',
    }),
  },
  failed: {
    status: JSON.stringify({
      v1: {
        datasource: 'DataSourceNoCloud [seed=/dev/vdb][dsmode=net]',
        init: stage(1700000012.1, 1700000014.9),
        'init-local': stage(1700000007.2, 1700000007.8),
        'modules-config': stage(1700000016.0, 1700000017.3),
        'modules-final': stage(1700000018.2, 1700000061.3, {
          errors: ["('scripts-user', RuntimeError('Runparts: 1 failures (runcmd) in 1 attempted commands'))"],
        }),
        'modules-init': stage(null, null),
        stage: null,
      },
    }),
  },
  notRun: JSON.stringify({
    boot_status_code: 'unknown',
    datasource: '',
    detail: 'Systemd generator may not have run yet.',
    errors: [],
    last_update: '',
    status: 'not run',
  }),
};

const recoverable = {
  recoverable_errors: { WARNING: ['Failed to set locale xx_XX'], DEPRECATED: ["Key 'lock-passwd' is deprecated"] },
};

/** 24.x: the stages stand in the extended text too, next to their sums. */
export const noble = {
  degraded: {
    status: JSON.stringify({
      v1: {
        datasource: 'DataSourceNoCloud [seed=/dev/vdb]',
        init: stage(1720000002.1, 1720000004.9, { recoverable_errors: {} }),
        'init-local': stage(1720000000.2, 1720000001.8, { recoverable_errors: {} }),
        'modules-config': stage(1720000006, 1720000007.3, recoverable),
        'modules-final': stage(1720000008.2, 1720000031.3, { recoverable_errors: {} }),
        stage: null,
      },
    }),
    result: JSON.stringify({ v1: { datasource: 'DataSourceNoCloud [seed=/dev/vdb]', errors: [], ...recoverable } }),
    extended: JSON.stringify({
      boot_status_code: 'enabled-by-generator',
      datasource: 'nocloud',
      detail: 'DataSourceNoCloud [seed=/dev/vdb]',
      errors: [],
      extended_status: 'degraded done',
      init: stage(1720000002.1, 1720000004.9, { recoverable_errors: {} }),
      'modules-config': stage(1720000006, 1720000007.3, recoverable),
      last_update: 'Wed, 03 Jul 2024 09:47:11 +0000',
      ...recoverable,
      stage: null,
      status: 'done',
    }),
  },
  degradedRunning: JSON.stringify({
    boot_status_code: 'enabled-by-generator',
    errors: [],
    extended_status: 'degraded running',
    'modules-config': stage(1, null, recoverable),
    ...recoverable,
    stage: 'modules-config',
    status: 'running',
  }),
  unitFailed: JSON.stringify({
    boot_status_code: 'enabled-by-generator',
    detail: 'DataSourceNoCloud',
    errors: [],
    extended_status: 'error - done',
    recoverable_errors: {},
    stage: null,
    status: 'error',
  }),
  disabled: JSON.stringify({
    boot_status_code: 'disabled-by-marker-file',
    datasource: '',
    detail: 'Cloud-init disabled by /etc/cloud/cloud-init.disabled',
    errors: [],
    extended_status: 'disabled',
    last_update: '',
    recoverable_errors: {},
    status: 'disabled',
  }),
};
