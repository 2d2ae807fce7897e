import java.util.HexFormat;
import java.util.Random;
import org.apache.kafka.common.utils.Utils;

/** Prints keys with what the Java client makes of them, as JSON. How to run it: README.md beside it. */
public final class Murmur2Vectors {
  public static void main(String[] args) {
    Random random = new Random(20260718);
    StringBuilder json = new StringBuilder("[\n");
    for (int index = 0; index < 400; index++) {
      // every length from 0 to 39 ten times: all remainders of 4, empty keys included
      byte[] key = new byte[index % 40];
      random.nextBytes(key);
      int hash = Utils.murmur2(key);
      int partitions = 1 + random.nextInt(200);
      int partition = Utils.toPositive(hash) % partitions;
      json.append(index == 0 ? "" : ",\n")
          .append(String.format(
              "  { \"key\": \"%s\", \"murmur2\": %d, \"partitions\": %d, \"partition\": %d }",
              HexFormat.of().formatHex(key), hash, partitions, partition));
    }
    System.out.println(json.append("\n]"));
  }
}
