"""A worker in Python with pika: takes tasks, asks the model server, publishes answers.

It survives what the scenario `worker-contract` does to it; ../../README.md says what each rule
is for. Needs: pip install pika
"""

import functools
import json
import os
import signal
import threading
import time
import urllib.error
import urllib.request

import pika

AMQP_URL = os.environ["AMQP_URL"]
TASK_QUEUE = os.environ["TASK_QUEUE"]
ANSWER_QUEUE = os.environ["ANSWER_QUEUE"]
MODEL_URL = os.environ["MODEL_URL"]
MODEL = os.environ["MODEL"]
PREFETCH = int(os.environ["PREFETCH"])

RECONNECT_SECONDS = 0.5
BUSY_SECONDS = 1.0
GRACE_SECONDS = 8.0

stopping = threading.Event()


def ask(prompt, over):
    """Asks until the model server has time: a task must not pay for a server that is busy or away.

    Returns None if the task is not ours any more. Raises if the server cannot answer this prompt.
    """
    body = {"model": MODEL, "stream": False, "messages": [{"role": "user", "content": prompt}]}
    while not over.is_set() and not stopping.is_set():
        request = urllib.request.Request(f"{MODEL_URL}/api/chat", json.dumps(body).encode())
        pause = BUSY_SECONDS
        try:
            with urllib.request.urlopen(request) as response:
                return json.load(response)["message"]["content"]
        except urllib.error.HTTPError as error:
            if error.code not in (429, 503):
                raise
            pause = float(error.headers.get("Retry-After") or BUSY_SECONDS)
            print(f"the model server is busy: {error}", flush=True)
        except OSError as error:
            print(f"the model server is away: {error}", flush=True)
        over.wait(pause)
    return None


def work():
    """One connection, from its beginning to its end."""
    connection = pika.BlockingConnection(pika.URLParameters(AMQP_URL))
    channel = connection.channel()
    channel.confirm_delivery()  # basic_publish then waits for the confirm
    channel.basic_qos(prefetch_count=PREFETCH)
    over = threading.Event()
    running = set()

    def settle(tag, task, text):
        """In the thread of the connection, the only one that may use it."""
        running.discard(tag)
        if text is None or not channel.is_open:
            return  # The task goes back when the connection closes.
        if isinstance(text, Exception):
            # Reject counts towards the delivery limit on every RabbitMQ; nack does not on 4.3.
            channel.basic_reject(tag, requeue=True)
            return
        channel.basic_publish(
            exchange="",
            routing_key=ANSWER_QUEUE,
            body=json.dumps({"task": task["id"], "text": text}),
            properties=pika.BasicProperties(delivery_mode=2, message_id=task["id"]),
        )
        channel.basic_ack(tag)

    def infer(tag, task):
        """In a thread of its own: the connection must answer heartbeats meanwhile."""
        try:
            text = ask(task["prompt"], over)
        except Exception as error:
            print(f"task {task['id']} failed: {error}", flush=True)
            text = error
        try:
            connection.add_callback_threadsafe(functools.partial(settle, tag, task, text))
        except pika.exceptions.ConnectionWrongStateError:
            pass  # The connection is gone, and the task is somebody else's.

    def on_task(_channel, method, _properties, body):
        running.add(method.delivery_tag)
        threading.Thread(target=infer, args=(method.delivery_tag, json.loads(body)), daemon=True).start()

    try:
        consumer = channel.basic_consume(TASK_QUEUE, on_task)
        print(f"consuming from {TASK_QUEUE}", flush=True)
        while not stopping.is_set():
            connection.process_data_events(time_limit=0.2)
        channel.basic_cancel(consumer)
        until = time.monotonic() + GRACE_SECONDS
        while running and time.monotonic() < until:
            connection.process_data_events(time_limit=0.1)
        connection.close()
    finally:
        over.set()


def main():
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    while not stopping.is_set():
        try:
            work()
        except (pika.exceptions.AMQPError, OSError) as error:
            print(f"no connection: {error!r}", flush=True)
            stopping.wait(RECONNECT_SECONDS)


if __name__ == "__main__":
    main()
