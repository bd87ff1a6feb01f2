# story.sh: what the examples share, to be sourced: a fresh file, a demo tenant, a server on a free port, and requests that are
# shown with their answers, the events that followed and the rules that acted.
#   story_begin DEMO [OPTION...]         options of `moonbill tenant create`; sets $url and $key
#   request METHOD PATH [BODY [TYPE]]    the answer is in $place/body; TYPE is $content_type when absent
#   expect TEXT; holds FILTER            the last answer has this text; jq says true of it
# MOONBILL=path takes another binary without building.

place=''
server=''
url=''
key=''
content_type=application/json
serial=0
run=0

story_end() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	[ -z "$place" ] || rm -rf "$place"
}

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

story_tools() {
	if [ -z "${MOONBILL:-}" ]; then
		"$top/scripts/setup" release
		MOONBILL=$top/build/release/moonbill
	fi
	for tool in curl jq; do
		command -v "$tool" >/dev/null || { echo "$0: $tool is missing; run scripts/setup, or: apt-get install $tool" >&2; exit 1; }
	done
}

# Any free port: the server is asked for one and says which.
story_serve() {
	"$MOONBILL" serve --listen 127.0.0.1:0 >"$place/log" 2>&1 &
	server=$!
	for _ in $(seq 200); do
		url=$(sed -nE 's/.*(http:\/\/127\.0\.0\.1:[0-9]+).*/\1/p' "$place/log" | head -n 1)
		[ -n "$url" ] && curl -fsS -o /dev/null "$url/healthz" 2>/dev/null && return
		kill -0 "$server" 2>/dev/null || break
		sleep 0.05
	done
	echo "$0: the server did not start:" >&2
	cat "$place/log" >&2
	exit 1
}

story_begin() {
	story_tools
	place=$(mktemp -d)
	trap story_end EXIT
	export MOONBILL_DB=$place/$1.db
	"$MOONBILL" tenant create "$1" --test --demo "$@" --json >"$place/tenant.json"
	jq '.api_key = "(shown once)"' "$place/tenant.json"
	key=$(jq -r .api_key "$place/tenant.json")
	story_serve
}

# What happened since: the journal's events, and the rules that ran.
happened() {
	curl -fsS -u "$key:" "$url/v1/events?after=$serial&limit=200" >"$place/events"
	jq -r '.items[] | "  event  \(.serial)  \(.event)"' "$place/events"
	last=$(jq -r '.items[-1].serial // empty' "$place/events")
	serial=${last:-$serial}
	curl -fsS -u "$key:" "$url/v1/rule_runs?limit=200" | jq --argjson run "$run" '.items |= (map(select(.id > $run)) | sort_by(.id))' >"$place/runs"
	jq -r '.items[] | "  rule   \(.moment) \(.rule)  (\(.file):\(.line), fuel \(.fuel))\(if .result then "  -> " + .result else "" end)"' "$place/runs"
	last=$(jq -r '.items[-1].id // empty' "$place/runs")
	run=${last:-$run}
}

# Without what takes room and tells nothing here: second names, and decisions, which explain shows.
show_json() {
	jq -c 'def short: if type == "object" then del(.uuid, .decision, .created_at, .updated_at) | map_values(short)
		elif type == "array" then map(short) else . end; short' "$place/body"
}

show() {
	case "$(head -c 1 "$place/body")" in
	'{') show_json ;;
	*) sed 's/></>\n</g' "$place/body" ;;
	esac | sed 's/^/< /'
	echo
}

request() {
	printf '\n> %s %s\n' "$1" "$2"
	[ -n "${3:-}" ] && printf '> %s\n' "$3" | sed -E 's/<cardNumber>[0-9]{12}/<cardNumber>............/; s/"number": "[0-9]{12}/"number": "............/'
	curl -sS -u "$key:" -X "$1" ${3:+-H "Content-Type: ${4:-$content_type}" --data-binary "$3"} \
		-w '\n< %{http_code}\n' "$url$2" >"$place/answer"
	sed '$d' "$place/answer" >"$place/body"
	tail -n 1 "$place/answer"
	show
	happened
}

expect() {
	grep -qF "$1" "$place/body" || { echo "$0: expected $1 in the answer" >&2; exit 1; }
}

holds() {
	jq -e "$1" "$place/body" >/dev/null || { echo "$0: expected $1 of the answer" >&2; exit 1; }
}
