#!/bin/bash
# The main job, shown: a question answered by the embedded model through calls that run at the same time,
# then the same turn with Python's global lock on.
. "$(dirname "$0")/lib.sh"
cd "$ATONCE_ROOT"

question='How many people came to the meetup in March? How much is 500 AUD in SEK?
Which talks are similar to "Function calling with Gemini", and which to "Python without a GIL"?'

say "asking the embedded model (half a minute on 2 cores): $question"
answer=$(build/atonce ask examples/meetup.py "$question" --model local --json)
python3 -c 'import json, sys; print(json.loads(sys.argv[1])["text"])' "$answer"

turn=$(python3 -c 'import json, sys; print(json.dumps([
  {key: call[key] for key in ("id", "name", "args")} for turn in json.loads(sys.argv[1])["turns"] for call in turn["calls"]]))' "$answer")
for gil in on off; do
  say "the same calls with the GIL $gil"
  build/atonce call examples/meetup.py --turn - --timeline --gil $gil <<<"$turn" >/dev/null
done
