"""A little load for a service that is watched: about 20 questions a second, until it is ended. Usage: PORT."""

import http.client
import sys
import time

SPECS = ("cars", "travel", "food", "sport", "women+30-39", "ski", "luxury+hotels", "new+parents", "gardening")


def main() -> None:
    connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
    number = 0
    while True:
        spec = SPECS[number % len(SPECS)] if number % 5 else f"thing+{number}"
        connection.request("GET", f"/api/signals?spec={spec}")
        connection.getresponse().read()
        number += 1
        time.sleep(0.05)


if __name__ == "__main__":
    main()
