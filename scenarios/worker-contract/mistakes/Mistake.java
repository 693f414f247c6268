import com.rabbitmq.client.*;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;

/**
 * For tests: the template with one mistake, by the variable MISTAKE. Heartbeats cannot be blocked
 * here: the client has a thread for them, and a requested heartbeat of 0 takes the broker's.
 */
public class Mistake extends Worker {
    static final String NAME = System.getenv("MISTAKE");

    public static void main(String[] arguments) throws Exception {
        new Mistake().run();
    }

    @Override
    ConnectionFactory factory() throws Exception {
        ConnectionFactory factory = super.factory();
        if (NAME.equals("no-reconnect")) factory.setAutomaticRecoveryEnabled(false);
        return factory;
    }

    @Override
    Channel open(Connection connection) throws Exception {
        Channel channel = super.open(connection);
        if (NAME.equals("prefetch-unlimited")) channel.basicQos(0);
        return (Channel) Proxy.newProxyInstance(Mistake.class.getClassLoader(), new Class<?>[] {Channel.class}, (proxy, method, given) -> {
            String name = method.getName();
            if (NAME.equals("ack-before-work")) {
                if (name.equals("basicConsume"))
                    return channel.basicConsume((String) given[0], false, (tag, delivery) -> {
                        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                        ((DeliverCallback) given[2]).handle(tag, delivery);
                    }, (CancelCallback) given[3]);
                if (name.equals("basicAck") || name.equals("basicReject")) return null;
            }
            if (NAME.equals("requeue-loop") && name.equals("basicReject")) {
                channel.basicNack((long) given[0], false, true);
                return null;
            }
            if (NAME.equals("ack-on-new-channel") && name.equals("basicAck")) {
                connection.createChannel().basicAck((long) given[0], false);
                return null;
            }
            try {
                return method.invoke(channel, given);
            } catch (InvocationTargetException error) {
                throw error.getCause();
            }
        });
    }
}
