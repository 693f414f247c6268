"""For tests: makes one mistake in the template. MISTAKE=NAME python python.py worker.py"""

import os
import runpy
import sys
import threading

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection


def ack_before_work():
    consume, ack = BlockingChannel.basic_consume, BlockingChannel.basic_ack

    def consume_acked(self, queue, on_task):
        def acked(channel, method, properties, body):
            ack(channel, method.delivery_tag)
            on_task(channel, method, properties, body)

        return consume(self, queue, acked)

    BlockingChannel.basic_consume = consume_acked
    BlockingChannel.basic_ack = BlockingChannel.basic_reject = lambda self, tag, **_: None


def prefetch_unlimited():
    BlockingChannel.basic_qos = lambda self, **_: None


def requeue_loop():
    BlockingChannel.basic_reject = lambda self, tag, requeue: self.basic_nack(tag, requeue=True)


def no_reconnect():
    connections = []

    def once(parameters):
        if connections:
            threading.Event().wait()
        connections.append(BlockingConnection(parameters))
        return connections[0]

    pika.BlockingConnection = once


def ack_on_new_channel():
    ack = BlockingChannel.basic_ack
    BlockingChannel.basic_ack = lambda self, tag: ack(self.connection.channel(), tag)


def blocks_heartbeat():
    class Inline(threading.Thread):
        def start(self):
            self.run()

    threading.Thread = Inline


globals()[os.environ["MISTAKE"].replace("-", "_")]()
runpy.run_path(sys.argv[1], run_name="__main__")
