// Answers, one a line, what Java makes of a double and of a text: the judge of tests/meaning/test_java.py.
// Input lines: "d <raw bits of a double>" or "n <base> <UTF-16 units in hexadecimal>".
import java.io.BufferedReader;
import java.io.InputStreamReader;

public class Judge {
    public static void main(String[] arguments) throws Exception {
        BufferedReader reader = new BufferedReader(new InputStreamReader(System.in));
        StringBuilder answers = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            String[] parts = line.split(" ", -1);
            if (parts[0].equals("d")) {
                answers.append(Double.toString(Double.longBitsToDouble(Long.parseUnsignedLong(parts[1]))));
            } else {
                answers.append(number(text(parts[2]), parts[1].equals("-") ? null : Integer.valueOf(parts[1])));
            }
            answers.append('\n');
        }
        System.out.print(answers);
    }

    private static String text(String units) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < units.length(); i += 4) {
            text.append((char) Integer.parseInt(units.substring(i, i + 4), 16));
        }
        return text.toString();
    }

    // Section 7 of the specification: a long in the base; in base 10, failing that, a double.
    private static String number(String source, Integer base) {
        boolean prefixed = source.startsWith("0x");
        int radix = base == null ? (prefixed ? 16 : 10) : base;
        String digits = prefixed && radix == 16 ? source.substring(2) : source;
        try {
            return "long " + Long.parseLong(digits, radix);
        } catch (NumberFormatException error) {
            if (radix != 10) {
                return "fails";
            }
        }
        try {
            return "double " + Long.toUnsignedString(Double.doubleToLongBits(Double.parseDouble(digits)));
        } catch (NumberFormatException error) {
            return "fails";
        }
    }
}
