import com.rabbitmq.client.*;
import java.net.URI;
import java.net.http.*;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.*;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.*;

/**
 * A worker in Java with RabbitMQ's client: takes tasks, asks the model server, publishes answers.
 * It survives what the scenario worker-contract does to it; ../../README.md says what each rule is for.
 * Needs amqp-client and slf4j-api: java -cp 'FOLDER/*' Worker.java
 */
public class Worker {
    static final long RECONNECT_MS = 500, BUSY_MS = 1_000, GRACE_MS = 8_000, CONFIRM_MS = 10_000;
    static final String TASK_QUEUE = System.getenv("TASK_QUEUE"), ANSWER_QUEUE = System.getenv("ANSWER_QUEUE");
    static final String MODEL_URL = System.getenv("MODEL_URL"), MODEL = System.getenv("MODEL");
    static final int PREFETCH = Integer.parseInt(System.getenv("PREFETCH"));

    final HttpClient http = HttpClient.newHttpClient();
    final ExecutorService inferences = Executors.newFixedThreadPool(PREFETCH);
    final AtomicInteger running = new AtomicInteger();
    volatile boolean stopping;

    public static void main(String[] arguments) throws Exception {
        new Worker().run();
    }

    void run() throws Exception {
        Connection connection = connect(factory());
        Channel channel = open(connection);
        String consumer = channel.basicConsume(TASK_QUEUE, false, (tag, delivery) -> {
            running.incrementAndGet();
            inferences.submit(() -> answer(channel, delivery));
        }, tag -> {});
        System.out.println("consuming from " + TASK_QUEUE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(connection, channel, consumer)));
    }

    /** The client makes connection, channel and consumer anew when they are lost, and tries until it can. */
    ConnectionFactory factory() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(System.getenv("AMQP_URL"));
        factory.setNetworkRecoveryInterval(RECONNECT_MS);
        return factory;
    }

    /** Recovery begins with the second connection, so the first is tried for here. */
    Connection connect(ConnectionFactory factory) throws Exception {
        while (true) {
            try {
                return factory.newConnection();
            } catch (java.io.IOException | TimeoutException error) {
                System.out.println("no connection: " + error);
                Thread.sleep(RECONNECT_MS);
            }
        }
    }

    Channel open(Connection connection) throws Exception {
        Channel channel = connection.createChannel();
        channel.basicQos(PREFETCH);
        channel.confirmSelect();
        return channel;
    }

    /** In a thread of its own. A tag from before a recovery is not sent: that task is somebody else's now. */
    void answer(Channel channel, Delivery delivery) {
        long tag = delivery.getEnvelope().getDeliveryTag();
        try {
            String task = new String(delivery.getBody(), "UTF-8");
            String text = ask(field(task, "prompt"));
            if (text == null) return; // It goes back when the connection closes.
            String answer = "{\"task\": " + field(task, "id") + ", \"text\": " + text + "}";
            synchronized (channel) { // A channel is for one thread at a time.
                channel.basicPublish("", ANSWER_QUEUE, MessageProperties.PERSISTENT_BASIC, answer.getBytes("UTF-8"));
                channel.waitForConfirmsOrDie(CONFIRM_MS);
                channel.basicAck(tag, false);
            }
        } catch (Exception | Error error) { // What an executor's thread throws, nobody sees.
            System.out.println("task failed: " + error);
            giveBack(channel, tag);
        } finally {
            running.decrementAndGet();
        }
    }

    /** Reject counts towards the delivery limit on every RabbitMQ; nack does not on 4.3. */
    void giveBack(Channel channel, long tag) {
        try {
            synchronized (channel) {
                channel.basicReject(tag, true);
            }
        } catch (Exception error) {
            System.out.println("it went back with its connection: " + error);
        }
    }

    /** Asks until the model server has time: a task must not pay for a server that is busy or away.
     *  @param prompt JSON text; so is what it returns. null: the worker stops. */
    String ask(String prompt) throws Exception {
        String body = "{\"model\": \"" + MODEL + "\", \"stream\": false, \"messages\": [{\"role\": \"user\", \"content\": " + prompt + "}]}";
        HttpRequest request = HttpRequest.newBuilder(URI.create(MODEL_URL + "/api/chat")).POST(HttpRequest.BodyPublishers.ofString(body)).build();
        while (!stopping) {
            long pauseMs = BUSY_MS;
            try {
                HttpResponse<String> response = http.send(request, BodyHandlers.ofString());
                if (response.statusCode() == 200) return field(response.body(), "content");
                if (response.statusCode() != 429 && response.statusCode() != 503) throw new IllegalStateException("status " + response.statusCode());
                pauseMs = 1_000 * Long.parseLong(response.headers().firstValue("retry-after").orElse("1"));
                System.out.println("the model server is busy: " + response.statusCode());
            } catch (java.io.IOException error) {
                System.out.println("the model server is away: " + error);
            }
            Thread.sleep(pauseMs);
        }
        return null;
    }

    /** The JSON text of a field that is a string. A real worker takes a JSON library. */
    static String field(String json, String name) {
        Matcher found = Pattern.compile("\"" + name + "\"\\s*:\\s*(\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\")").matcher(json);
        if (!found.find()) throw new IllegalArgumentException("no " + name);
        return found.group(1);
    }

    void stop(Connection connection, Channel channel, String consumer) {
        stopping = true;
        try {
            channel.basicCancel(consumer);
            long untilMs = System.currentTimeMillis() + GRACE_MS;
            while (running.get() > 0 && System.currentTimeMillis() < untilMs) Thread.sleep(20);
            connection.close();
        } catch (Exception error) {
            System.out.println("stopping: " + error);
        }
    }
}
