import { waitFor } from '@katavm/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KvmHost, makeKvmHost } from './kvm-host.js';

// What documentation calls "only tried emulated", tried where KVM runs a kernel. Each test stands on the one before.
describe.sequential('a Debian 13 host with KVM and AppArmor', () => {
  let host: KvmHost;

  beforeAll(async () => {
    host = await makeKvmHost();
  });
  afterAll(() => host?.delete());

  test('is set up by setup-host, which leaves AppArmor enforcing and libvirt running', async () => {
    // As Debian's installer has it: confinement is there before libvirt is.
    await host.root('apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends apparmor');
    await host.root('systemctl start apparmor && modprobe kvm_amd');
    await host.root('/opt/katavm/tools/setup-host');
    await host.root('ln -s /opt/katavm/node_modules/.bin/katavm* /usr/local/bin/');
    const model = 'virsh --connect qemu:///system capabilities | grep --only-matching --max-count 1 "<model>apparmor</model>"';
    expect(await host.root(`systemctl is-active libvirtd.service; ${model}`)).toBe('active\n<model>apparmor</model>');
  });

  test('is found ready by doctor, which boots a kernel under KVM and restores a memory image', async () => {
    const homes = '/var/lib/katavm/templates/** rwk,';
    await host.root(`echo '${homes}' >>/etc/apparmor.d/local/abstractions/libvirt-qemu`);
    const told = await host.tryAsRoot('katavm doctor');
    expect(told.stdout).toMatch(/^ok +KVM/m);
    expect(told.stdout).toMatch(/memory image was taken and restored/);
    expect(told.exitCode, told.stdout).toBe(0);
  });

  test('gives a job a clone under KVM, without a word of emulation', async () => {
    await host.root('katavm keys create');
    const look = 'systemd-detect-virt; cat /sys/devices/system/clocksource/clocksource0/current_clocksource';
    const ran = await host.tryAsRoot(`katavm run debian13 -- sh -c '${look}'`);
    expect(ran.stdout, ran.stderr).toBe('kvm\nkvm-clock');
    expect(ran.stderr).not.toContain('emulated');
  });

  test('confines each guest by an AppArmor profile of its own', async () => {
    const profiles = 'cat /proc/$(cat /run/libvirt/qemu/minimal-*.pid)/attr/current';
    const ran = await host.root(
      `katavm clone create minimal --name minimal-kept >&2; katavm clone login minimal-kept <<<true >&2; ${profiles}`,
    );
    expect(ran).toMatch(/^libvirt-[0-9a-f-]{36} \(enforce\)$/);
    await host.root('katavm clone delete minimal-kept');
  });

  test('goes on from a memory image under KVM', async () => {
    await host.root('katavm master template debian13');
    const ran = await host.tryAsRoot('katavm run debian13 --start template --json -- systemd-detect-virt');
    expect(ran.stdout, ran.stderr).toBe('kvm');
    expect(ran.stderr).toContain('"start":"template"');
  });

  test('hands a clone of its pool to a Jenkins launch, whose agent answers on the same stdin and stdout', async () => {
    const site = 'configs: {debian13: {start: pooled, agent: {jar: /opt/katavm/e2e/agent-jar/echo.jar}}}';
    await host.root(`mkdir -p /etc/katavm; echo '${site}' >/etc/katavm/site.yaml`);
    await host.root(
      'ln -s /opt/katavm/configs /etc/katavm/configs; cp /opt/katavm/systemd/katavm-pool.service /etc/systemd/system/',
    );
    await host.root("sed -i 's,=katavm,=/usr/local/bin/katavm,' /etc/systemd/system/katavm-pool.service");
    await host.root('systemctl enable --now katavm-pool.service; katavm pool fill debian13');
    const launched = await host.tryAsRoot('echo said | katavm-jenkins-start debian13');
    expect(launched.stdout, launched.stderr).toBe('said');
    expect(launched.stderr).toContain('java 21');
    expect(launched.stderr).not.toContain('KATAVM_STARTED_COLD');
  });

  test('comes back from a reboot in mid-run with its pool, and gc leaves nothing of the job', async () => {
    await host.root('katavm pool drain; systemctl start --no-block katavm-pool; systemd-run katavm run minimal -- sleep 1d');
    await waitFor({
      name: 'the job to run',
      probe: async () => (await host.root('virsh --quiet list --name')).includes('minimal-') || undefined,
      timeoutMilliseconds: 300_000,
      hint: 'see the job in the journal of the host',
    });
    await host.reboot();
    await host.root('modprobe kvm_amd; katavm gc');
    const left = await host.root('katavm clone list --json; ls /var/lib/katavm/clones; virsh list --all --name');
    expect(left).not.toContain('minimal-');
    expect(await host.root('katavm run debian13 --start cold -- systemd-detect-virt')).toBe('kvm');
  });

  test('serves an ordinary user of the groups kvm and libvirt on a session of his own', async () => {
    await host.root('useradd --create-home --shell /bin/bash --groups kvm,libvirt worker; loginctl enable-linger worker');
    await host.root(
      'install -d -o worker /srv/worker; cp -a /var/lib/katavm/masters/minimal /srv/worker/; chown -R worker /srv/worker',
    );
    const ran = await host.user(
      'worker',
      `export XDG_RUNTIME_DIR=/run/user/$(id -u)
       mkdir -p ~/.local/share/katavm/masters; mv /srv/worker/minimal ~/.local/share/katavm/masters/
       katavm keys create >&2; katavm run minimal -- hostname; virsh --connect qemu:///session list --all --name`,
    );
    expect(ran).toMatch(/^minimal-[0-9a-f]{10}\n*$/);
  });
});
