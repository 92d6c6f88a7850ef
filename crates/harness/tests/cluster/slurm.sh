#!/usr/bin/env bash
# A study on Slurm, two nodes on this machine, one of which is killed in the middle: the
# result must be that of a run without Slurm, byte for byte.
#
# usage: slurm.sh TYCHO [FOLDER]     (root; installs Slurm with apt if it is not there)
set -euo pipefail

tycho=$(realpath "$1")
work=$(realpath -m "${2:-$(mktemp -d)}")
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v slurmctld munged >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "skipped: Slurm is not installed, and cannot be installed here"
        exit 0
    fi
    (apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends slurm-wlm munge) >/dev/null 2>&1 ||
        { echo "skipped: Slurm could not be installed"; exit 0; }
fi

rm -rf "$work"
mkdir -p "$work"/slurm/{state,n1,n2,munge}
chmod 755 "$work" "$work/slurm" "$work/slurm/munge"
slurm=$work/slurm
host=$(hostname -s)
export SLURM_CONF=$slurm/slurm.conf
cat >"$SLURM_CONF" <<CONF
ClusterName=tycho
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=26817
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$slurm/munge/socket
StateSaveLocation=$slurm/state
SlurmdSpoolDir=$slurm/%n
SlurmctldPidFile=$slurm/slurmctld.pid
SlurmdPidFile=$slurm/%n.pid
SlurmctldLogFile=$slurm/slurmctld.log
SlurmdLogFile=$slurm/%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=0
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MailProg=/bin/true
SlurmdTimeout=10
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0,sched_min_interval=0
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=26818 CPUs=1 RealMemory=2000
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=26819 CPUs=1 RealMemory=2000
PartitionName=all Nodes=n1,n2 Default=YES MaxTime=30 State=UP
CONF

stop() {
    scontrol shutdown >/dev/null 2>&1 || true
    sleep 1
    for file in "$slurm"/{n1,n2,slurmctld,munge/munged}.pid; do
        if [ -s "$file" ]; then kill "$(cat "$file")" 2>/dev/null || true; fi
    done
}
trap stop EXIT

(umask 077 && head -c 1024 /dev/urandom >"$slurm/munge.key")
munged --key-file="$slurm/munge.key" --socket="$slurm/munge/socket" \
    --pid-file="$slurm/munge/munged.pid" --log-file="$slurm/munge/munged.log" \
    --seed-file="$slurm/munge/seed" || true
slurmctld -c || true
slurmd -N n1 || true
slurmd -N n2 || true
for _ in $(seq 100); do
    [ "$(sinfo -h -N -o %T | sort -u)" = idle ] && break
    sleep 0.2
done
if [ "$(sinfo -h -N -o %T 2>/dev/null | sort -u)" != idle ]; then
    echo "skipped: Slurm does not start on this machine"
    tail -n 5 "$slurm"/*.log || true
    exit 0
fi

cp "$here/study.toml" "$work/study.toml"
cd "$work"
"$tycho" --data data run study.toml --untimed --out local >/dev/null
"$tycho" --data data submit --engine slurm study.toml --untimed --out cluster --tasks 8

# the daemon and the tasks of the second node, all at once, as a power cut would
for _ in $(seq 300); do
    [ -n "$(squeue -h -w n2 -t R -o %A)" ] && break
    sleep 0.1
done
sleep 1
echo "killing n2, on which ran: $(squeue -h -w n2 -t R -o %i | tr '\n' ' ')"
kill -9 "$(cat "$slurm/n2.pid")" || true
for step in $(pgrep slurmstepd); do
    task=$(pgrep -P "$step" | head -1 || true)
    if [ -n "$task" ] && grep -qz '^SLURMD_NODENAME=n2$' "/proc/$task/environ"; then
        kill -9 "$step" "$task" || true
    fi
done

# requeued tasks wait two minutes for the node to come back; here it does not
for _ in $(seq 600); do
    left=$(squeue -h -o '%i %T %r' || echo "no answer")
    [ -z "$left" ] && break
    squeue -h -t PD -o '%i %r' | awk '$2 == "(BeginTime)" || $2 == "BeginTime" { print $1 }' |
        while read -r job; do scontrol update jobid="$job" StartTime=now 2>/dev/null || true; done
    sleep 0.5
done
[ -z "$(squeue -h)" ] || { echo "jobs are left:"; squeue; exit 1; }

cat cluster/logs/slurm-merge.txt
grep -h -i 'requeue' "$slurm/slurmctld.log" | sed 's/^/slurmctld: /' | tail -3 || true
rm -rf cluster/logs cluster/manifest.jsonl cluster/slurm-array.sh cluster/slurm-merge.sh
diff -r local cluster
echo "the same, byte for byte: $(find local -type f | wc -l) files, $(wc -l <local/records.jsonl) trials"
