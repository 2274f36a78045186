# A Postgres whose disk can be filled, on a file system of its own (tmpfs) or under a limit of what a file may hold (limit).
# Started by small-disk.ts, which says `fill`, `free` or `stop` on standard input and is answered with `done`.
set -u
bin=$1 folder=$2 logs=$3 port=$4 how=$5
# Units of 512 bytes: twice a segment of the log, and more than any file of a fresh cluster holds.
limit=4096

start() {
  (
    if [ "$1" != none ]; then ulimit -f "$1"; fi
    exec "$bin/postgres" -D "$folder/cluster" -p "$port" -c listen_addresses=127.0.0.1 -c unix_socket_directories= \
      -c max_wal_size=16MB -c min_wal_size=2MB -c shared_buffers=32MB -c logging_collector=off -c max_connections=60
  ) >> "$logs/postgres.log" 2>&1 < /dev/null &
  server=$!
}
stop() {
  kill -INT "$server" 2> /dev/null
  wait "$server"
}

"$bin/initdb" -D "$folder/cluster" --username=postgres --auth=trust --encoding=UTF8 --locale=C --wal-segsize=1 \
  --no-instructions >> "$logs/postgres.log" 2>&1 || exit 1
start none
echo "done"
while read -r command; do
  case $how-$command in
    tmpfs-fill) dd if=/dev/zero of="$folder/ballast" bs=4k 2> /dev/null ;;
    tmpfs-free)
      rm -f "$folder/ballast"
      # A server that could not write its log has ended, and somebody starts it again once there is room.
      kill -0 "$server" 2> /dev/null || start none
      ;;
    limit-fill) stop; start "$limit" ;;
    limit-free) stop; start none ;;
    *-stop) break ;;
  esac
  echo "done"
done
stop
