#!/bin/bash
# Starts one broker in KRaft mode. KAFKA_NODE_ID=1 becomes node.id=1 and so on, as in the official image:
# "_" stands for ".", "__" for "_", "___" for "-".
set -euo pipefail
config=/opt/kafka/config/server.properties
logs=${KAFKA_LOG_DIRS:-/var/lib/kafka/data}

{
  echo "log.dirs=$logs"
  while IFS='=' read -r -d '' name value; do
    case $name in
      KAFKA_HEAP_OPTS | KAFKA_OPTS | KAFKA_JVM_PERFORMANCE_OPTS | KAFKA_LOG_DIRS | KAFKA_LOG4J_*) continue ;;
      KAFKA_*) ;;
      *) continue ;;
    esac
    key=${name#KAFKA_}
    key=${key//___/-}
    key=${key//__/$'\1'}
    key=${key//_/.}
    key=${key//$'\1'/_}
    printf '%s=%s\n' "${key,,}" "$value"
  done < <(env -0)
} > "$config"

java_command() {
  # shellcheck disable=SC2086 # options are several words
  "${@:1:1}" java ${KAFKA_HEAP_OPTS:--Xms256m -Xmx1g} ${KAFKA_JVM_PERFORMANCE_OPTS:--XX:+UseG1GC -XX:MaxGCPauseMillis=20} \
    -Djava.awt.headless=true -Dlog4j2.configurationFile=/opt/kafka/config/log4j2.properties \
    ${KAFKA_OPTS:-} -cp '/opt/kafka/libs/*' "${@:2}"
}

if [ ! -e "$logs/meta.properties" ]; then
  java_command env kafka.tools.StorageTool format --ignore-formatted \
    "--cluster-id=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}" -c "$config"
fi
java_command exec kafka.Kafka "$config"
