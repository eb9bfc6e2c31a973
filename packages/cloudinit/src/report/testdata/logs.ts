/** Extracts of /var/log/cloud-init.log and cloud-init-output.log. For tests. */

const packageModule =
  "<module 'cloudinit.config.cc_package_update_upgrade_install' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_package_update_upgrade_install.py'>";

const aptGet =
  "['eatmydata', 'apt-get', '--option=Dpkg::Options::=--force-confold', '--assume-yes', '--quiet', 'install', 'jq', 'no-such-thing']";

export const missingPackage = {
  log: `\
2026-01-02 03:04:01,001 - modules.py[DEBUG]: Running module ntp (<module 'cloudinit.config.cc_ntp' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_ntp.py'>) with frequency once-per-instance
2026-01-02 03:04:01,101 - cc_ntp.py[WARNING]: a word about time
2026-01-02 03:04:01,117 - modules.py[DEBUG]: Running module package-update-upgrade-install (${packageModule}) with frequency once-per-instance
2026-01-02 03:04:01,118 - handlers.py[DEBUG]: start: modules-final/config-package-update-upgrade-install: running config-package-update-upgrade-install with frequency once-per-instance
2026-01-02 03:04:01,120 - subp.py[DEBUG]: Running command ${aptGet} with allowed return codes [0] (shell=False, capture=False)
2026-01-02 03:04:07,559 - util.py[DEBUG]: apt-install [eatmydata apt-get install jq no-such-thing] took 6.439 seconds
2026-01-02 03:04:07,560 - util.py[WARNING]: Failed to install packages: ['jq', 'no-such-thing']
2026-01-02 03:04:07,560 - util.py[DEBUG]: Failed to install packages: ['jq', 'no-such-thing']
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/cloudinit/config/cc_package_update_upgrade_install.py", line 118, in handle
    cloud.distro.install_packages(pkglist)
cloudinit.subp.ProcessExecutionError: Unexpected error while running command.
Command: ${aptGet}
Exit code: 100
Reason: -
Stdout: -
Stderr: -
2026-01-02 03:04:07,561 - cc_package_update_upgrade_install.py[WARNING]: 1 failed with exceptions, re-raising the last one
2026-01-02 03:04:07,561 - handlers.py[DEBUG]: finish: modules-final/config-package-update-upgrade-install: FAIL: running config-package-update-upgrade-install with frequency once-per-instance
2026-01-02 03:04:07,562 - util.py[WARNING]: Running module package-update-upgrade-install (${packageModule}) failed
2026-01-02 03:04:07,562 - util.py[DEBUG]: Running module package-update-upgrade-install (${packageModule}) failed
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/cloudinit/config/modules.py", line 246, in _run_modules
    ran, _r = cc.run(
cloudinit.subp.ProcessExecutionError: Unexpected error while running command.
Command: ${aptGet}
Exit code: 100
Reason: -
Stdout: -
Stderr: -
2026-01-02 03:04:07,570 - modules.py[DEBUG]: Running module final-message (<module 'cloudinit.config.cc_final_message' from '/x/cc_final_message.py'>) with frequency always
`,
  output: `\
Cloud-init v. 22.4.2 running 'modules:final' at Fri, 02 Jan 2026 03:04:01 +0000. Up 31.2 seconds.
Get:1 http://mirror.example.com/debian bookworm InRelease [151 kB]
Err:2 http://mirror.example.com/debian bookworm-updates InRelease
  Could not connect to http://jenkins:s3cret@proxy.example.com:3128
Reading package lists...
Building dependency tree...
E: Unable to locate package no-such-thing
Cloud-init v. 22.4.2 finished at Fri, 02 Jan 2026 03:04:08 +0000. Datasource DataSourceNoCloud [seed=/dev/vdb].  Up 38.01 seconds
`,
};

export const failedCommand = {
  log: `\
2026-01-02 03:04:10,117 - modules.py[DEBUG]: Running module scripts_user (<module 'cloudinit.config.cc_scripts_user' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_scripts_user.py'>) with frequency once-per-instance
2026-01-02 03:04:10,120 - subp.py[DEBUG]: Running command ['/var/lib/cloud/instance/scripts/runcmd'] with allowed return codes [0] (shell=False, capture=False)
2026-01-02 03:04:12,001 - subp.py[DEBUG]: Unexpected error while running command.
Command: ['/var/lib/cloud/instance/scripts/runcmd']
Exit code: 22
Reason: -
Stdout: -
Stderr: -
2026-01-02 03:04:12,002 - cc_scripts_user.py[WARNING]: Failed to run module scripts_user (scripts in /var/lib/cloud/instance/scripts)
2026-01-02 03:04:12,003 - handlers.py[DEBUG]: finish: modules-final/config-scripts_user: FAIL: running config-scripts_user with frequency once-per-instance
2026-01-02 03:04:12,004 - util.py[WARNING]: Running module scripts_user (<module 'cloudinit.config.cc_scripts_user' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_scripts_user.py'>) failed
2026-01-02 03:04:12,004 - util.py[DEBUG]: Running module scripts_user (<module 'cloudinit.config.cc_scripts_user' from '/usr/lib/python3/dist-packages/cloudinit/config/cc_scripts_user.py'>) failed
Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/cloudinit/config/modules.py", line 292, in _run_modules
    ran, _r = cc.run(
RuntimeError: Runparts: 1 failures (runcmd) in 1 attempted commands
`,
  output: `\
Cloud-init v. 24.4 running 'modules:final' at Fri, 02 Jan 2026 03:04:09 +0000. Up 31.2 seconds.
${Array.from({ length: 60 }, (_, index) => `Unpacking thing ${index} ...`).join('\n')}
curl: (22) The requested URL returned error: 404
2026-01-02 03:04:12,002 - cc_scripts_user.py[WARNING]: Failed to run module scripts_user (scripts in /var/lib/cloud/instance/scripts)
2026-01-02 03:04:12,004 - util.py[WARNING]: Running module scripts_user (<module 'cloudinit.config.cc_scripts_user' from '/x/cc_scripts_user.py'>) failed
Cloud-init v. 24.4 finished at Fri, 02 Jan 2026 03:04:12 +0000. Datasource DataSourceNoCloud [seed=/dev/vdb].  Up 38.01 seconds
`,
};
