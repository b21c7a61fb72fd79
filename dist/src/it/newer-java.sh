#!/usr/bin/env bash
# The jar on each newer Java that is installed: start, one account, stop. Nothing to do where there is none.
set -euo pipefail
cd "$(dirname "$0")/../../.."
jar=$PWD/dist/target/dunlin.jar

try() {
    local java=$1 directory server status=0
    directory=$(mktemp -d)
    cd "$directory"
    echo 'listeners: [ { address: 127.0.0.1, port: 0 } ]' >dunlin.yaml
    "$java" -jar "$jar" >out 2>err &
    server=$!
    for _ in $(seq 120); do
        grep -q 'Its data is in' out && break
        kill -0 $server 2>/dev/null || break
        sleep 0.5
    done
    echo secret | "$java" -jar "$jar" user add juliet@localhost 2>>err &&
        [ "$("$java" -jar "$jar" user list 2>>err)" = juliet@localhost ] &&
        "$java" -jar "$jar" status 2>>err || status=1
    kill $server || status=1
    wait $server || status=1
    # The virtual machine's warnings about what it will forbid one day would land here.
    grep -v -E ' (INFO|WARN) +\[' err && status=1
    cd - >/dev/null
    rm -rf "$directory"
    return $status
}

for java in /usr/lib/jvm/*/bin/java; do
    version=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/.*java.specification.version = //p')
    case $version in
        1.* | [0-9] | 1[0-7]) ;;
        *)
            echo "Java $version: $java"
            try "$java" || { echo "failed on Java $version"; exit 1; }
            ;;
    esac
done
