#!/bin/bash
# Completes an Elasticsearch home: the HTTP module's descriptor, the native library, the launcher, the module for what is missing.
set -euo pipefail
home=$1
cd "$(dirname "$0")"
version=$(basename "$home"/lib/elasticsearch-[0-9]*.jar .jar | sed 's/^elasticsearch-//')

# The module's descriptor is in its jar, and belongs beside it.
unpacked=$(mktemp -d)
(cd "$unpacked" && jar xf "$home"/modules/transport-netty4/transport-netty4-*.jar META-INF/es-plugins)
cp "$unpacked"/META-INF/es-plugins/transport-netty4/* "$home/modules/transport-netty4/"

case $(dpkg --print-architecture) in
  amd64) native=linux-x64 ;;
  arm64) native=linux-aarch64 ;;
esac
mkdir -p "$home/lib/platform/$native"
cp -L /usr/lib/*/libzstd.so.1 "$home/lib/platform/$native/libzstd.so"

javac --release 21 --module-path "$home/lib" --add-modules org.elasticsearch.server -d classes io/clickproof/elasticsearch/*.java
jar --create --file "$home/launcher.jar" -C classes io/clickproof/elasticsearch/Launcher.class
mkdir -p "$home/modules/missing-endpoints"
rm classes/io/clickproof/elasticsearch/Launcher*.class
jar --create --file "$home/modules/missing-endpoints/missing-endpoints.jar" -C classes .
cat > "$home/modules/missing-endpoints/plugin-descriptor.properties" <<DESCRIPTOR
name=missing-endpoints
description=answers on / and /_license
version=$version
elasticsearch.version=$version
java.version=21
classname=io.clickproof.elasticsearch.MissingEndpoints
DESCRIPTOR
mkdir -p "$home/plugins" "$home/data" "$home/logs"
