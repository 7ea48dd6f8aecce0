#!/bin/bash
# Starts the node in the foreground. ES_JAVA_OPTS and settings in the environment (discovery.type=single-node) as in the official image.
set -euo pipefail
home=/usr/share/elasticsearch
options=(
  -Xms512m -Xmx512m -Xss1m -XX:+UseG1GC -XX:-OmitStackTraceInFastThrow -XX:+ExitOnOutOfMemoryError
  -Dfile.encoding=UTF-8 -Djava.awt.headless=true
  -Dlog4j2.disable.jmx=true -Dlog4j.shutdownHookEnabled=false
  -Dio.netty.noUnsafe=true -Dio.netty.noKeySetOptimization=true -Dio.netty.recycler.maxCapacityPerThread=0
  -Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1
  # the vector library is a native one that is not on Maven Central
  -Dorg.elasticsearch.nativeaccess.enableVectorLibrary=false
  --enable-native-access=org.elasticsearch.nativeaccess,org.apache.lucene.core
)
# packages of Lucene that the server opens for itself
for package in codecs.lucene90 codecs.lucene99 internal.vectorization; do
  options+=("--add-opens=org.apache.lucene.core/org.apache.lucene.$package=org.elasticsearch.server")
done
# shellcheck disable=SC2086 # options are several words
exec java "${options[@]}" ${ES_JAVA_OPTS:-} \
  -Des.path.home="$home" -Des.path.conf="$home/config" -Des.distribution.type=docker \
  --module-path "$home/lib" --add-modules=jdk.net,jdk.management.agent,ALL-MODULE-PATH \
  -cp "$home/launcher.jar" io.clickproof.elasticsearch.Launcher "$@"
