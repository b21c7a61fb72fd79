#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# pack.sh DIRECTORY: puts the web client there, with its licence and an index of its files, where npm can get it. Without npm
# the build goes on without a web client, and the server's page says so; in CI that is a failure.
set -eu

NAME=converse.js
VERSION=14.0.0
SHA512=2c5520d37d230da955e3bbc8fefc953ea60f65f2585c56ee6eaf2fd1c1437b6cd735e786124dd4a74163fd64f34fab7ee9da3e700213a32ef77808fb44d0e3d9

target=$1
[ ! -e "$target/index" ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

without() {
    echo "No web client in this build: $1"
    [ "${CI:-}" != true ] || exit 1
    exit 0
}

command -v npm >/dev/null 2>&1 || without "there is no npm"
(cd "$work" && npm pack "$NAME@$VERSION" --silent --prefer-offline --ignore-scripts --fetch-retries=1 --fetch-timeout=60000 </dev/null >npm.out 2>&1) \
    || without "npm could not get $NAME $VERSION"
archive=$work/$NAME-$VERSION.tgz
found=$(node -e 'console.log(require("crypto").createHash("sha512").update(require("fs").readFileSync(process.argv[1])).digest("hex"))' "$archive")
if [ "$found" != "$SHA512" ]; then
    echo "$NAME $VERSION is not the archive that was looked at: $found" >&2
    exit 1
fi
tar xzf "$archive" -C "$work"

# Only what a page needs that signs in: no maps, no website, and no OMEMO: the licence of its library is not established.
rm -rf "$target"
mkdir -p "$target"
cp "$work/package/LICENSE" "$target/LICENSE"
cp -R "$work/package/dist" "$target/dist"
(
    cd "$target/dist"
    rm -rf converse.js converse.css website.* libomemo.* curve25519_compiled.wasm manifest.json
    find . -name '*.map' -delete
)
(cd "$target" && find . -type f | sed 's|^\./||' | sort) >"$work/index"
# Last, since it says that the rest is there.
mv "$work/index" "$target/index"
echo "$NAME $VERSION is in this build"
