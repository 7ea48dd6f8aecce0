#!/bin/sh
exec java -Xmx128m -Dlog4j.rootLogger.level=warn -cp "/opt/kafka/libs/*" org.apache.kafka.tools.TopicCommand "$@"
