/* test_cli.c: the program as a person or a script runs it: its words, its output, its exit codes. */
#include "check.h"

#include "billing/billing.h"
#include "cli/file.h"
#include "cli/operation.h"
#include "value/json.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sqlite3.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <time.h>

enum { OUTPUT_BYTES_MAX = 64 * 1024, WAIT_TRIES = 200, WAIT_NS = 50000000 };

struct shell {
	char folder[64];
	char out[OUTPUT_BYTES_MAX], err[OUTPUT_BYTES_MAX];
	struct arena arena;
};

static void shell_open(struct shell *shell)
{
	snprintf(shell->folder, sizeof shell->folder, "/tmp/moonbill-cli-XXXXXX");
	CHECK(mkdtemp(shell->folder) != NULL);
	CHECK(chdir(shell->folder) == 0);
	CHECK(arena_init(&shell->arena, 16 * 1024 * 1024));
	unsetenv("MOONBILL_DB");
	unsetenv("MOONBILL_CONFIG");
}

static void shell_close(struct shell *shell)
{
	char command[128];
	snprintf(command, sizeof command, "rm -rf %s", shell->folder);
	CHECK(system(command) == 0);
	arena_finish(&shell->arena);
}

static void file_take(const char *name, char *bytes)
{
	FILE *file = fopen(name, "r");
	CHECK(file != NULL);
	bytes[fread(bytes, 1, OUTPUT_BYTES_MAX - 1, file)] = '\0';
	fclose(file);
}

static void file_put(const char *name, const char *content)
{
	FILE *file = fopen(name, "w");
	CHECK(file != NULL);
	CHECK(fputs(content, file) >= 0);
	CHECK(fclose(file) == 0);
}

/* Runs "moonbill WORDS" and gives its exit code. */
static int moonbill(struct shell *shell, const char *words)
{
	char command[1024];
	check_note("moonbill %s", words);
	snprintf(command, sizeof command, "%s/moonbill %s >out.txt 2>err.txt", BINARY_DIR, words);
	int status = system(command);
	file_take("out.txt", shell->out);
	file_take("err.txt", shell->err);
	CHECK(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void moonbill_does(struct shell *shell, const char *words)
{
	int code = moonbill(shell, words);
	if (code != 0)
		CHECK_FAIL("exit code %d: %s", code, shell->err);
}

/* A member of the JSON object on standard output. */
static struct text out_member(struct shell *shell, const char *name)
{
	struct problems problems;
	problems_init(&problems, &shell->arena);
	const struct json *json = json_parse(text_trim(text_of(shell->out)), &shell->arena, &problems);
	if (!json)
		CHECK_FAIL("not JSON: %s", shell->out);
	const struct json *member = json_member(json, name);
	return member ? json_text(member) : TEXT_NONE;
}

#define CHECK_SAYS(text, part) ((strstr((text), (part))) ? (void)0 : CHECK_FAIL("does not say '%s': %s", (part), (text)))

/* ---- words ---- */

TEST(help_shows_every_subcommand_and_each_has_an_example)
{
	static const char *const names[] = { "serve", "tenant create", "tenant list", "key create", "key list", "key revoke",
		                             "deploy", "check", "clock", "verify", "version" };
	struct shell shell;
	shell_open(&shell);
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char words[64];
		CHECK_EQ_INT(moonbill(&shell, "--help"), 0);
		CHECK_SAYS(shell.out, names[i]);
		snprintf(words, sizeof words, "%s --help", names[i]);
		CHECK_EQ_INT(moonbill(&shell, words), 0);
		CHECK_SAYS(shell.out, "Example:");
		CHECK_SAYS(shell.out, names[i]);
	}
	shell_close(&shell);
}

TEST(the_first_of_two_words_has_help_too)
{
	struct shell shell;
	shell_open(&shell);
	CHECK_EQ_INT(moonbill(&shell, "key --help"), 0);
	CHECK_SAYS(shell.out, "key revoke");
	CHECK(strstr(shell.out, "tenant list") == NULL);
	CHECK_EQ_INT(moonbill(&shell, "tenant --help"), 0);
	CHECK_SAYS(shell.out, "tenant list");
	shell_close(&shell);
}

TEST(a_wrong_command_line_is_told_with_the_nearest_word_and_ends_with_2)
{
	static const struct {
		const char *words, *says;
	} lines[] = {
		{ "tenat list", "did you mean 'tenant'" },
		{ "tenant lst", "did you mean 'tenant list'" },
		{ "chek x", "did you mean 'check'" },
		{ "tenant", "needs a second word, as in 'moonbill tenant create'" },
		{ "import", "needs a second word, as in 'moonbill import killbill-catalog'" },
		{ "serve --log chatty", "Use one of: debug, info, warning, error, off." },
		{ "serve --lisen x", "did you mean '--listen'" },
		{ "tenant create", "needs NAME" },
		{ "tenant create a b", "one argument too many" },
		{ "tenant create a --at 2011-09-06T15:00:00Z", "add --test" },
		{ "tenant list --json=1", "takes no value" },
		{ "tenant list --db", "needs a value" },
		{ "tenant list --db a --db b", "given twice" },
		{ "deploy x --tenant a --key b", "not both" },
		{ "serve --listen nowhere", "HOST:PORT" },
		{ "serve --log loud", "log cannot be 'loud'" },
	};
	struct shell shell;
	shell_open(&shell);
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		CHECK_EQ_INT(moonbill(&shell, lines[i].words), 2);
		CHECK_SAYS(shell.err, lines[i].says);
	}
	CHECK_EQ_INT(moonbill(&shell, ""), 2);
	CHECK(access("moonbill.db", F_OK) != 0);
	shell_close(&shell);
}

TEST(a_beginning_that_no_command_has_is_told_with_the_nearest)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "commands list paym");
	CHECK_SAYS(shell.out, "payment.create");
	CHECK_EQ_INT(moonbill(&shell, "commands list paiment"), 1);
	CHECK_SAYS(shell.err, "no command begins with 'paiment' (did you mean 'payment'?)");
	CHECK(!strstr(shell.out, "scope"));
	shell_close(&shell);
}

TEST(the_version_is_printed)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "version");
	CHECK(text_starts(text_of(shell.out), "moonbill "));
	moonbill_does(&shell, "version --json");
	CHECK_EQ_TEXT(out_member(&shell, "name"), "moonbill");
	shell_close(&shell);
}

/* ---- tenants and keys ---- */

TEST(a_tenant_is_made_listed_and_has_keys)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "tenant create acme --time-zone Europe/Paris --currency EUR --json");
	CHECK_EQ_TEXT(out_member(&shell, "id"), "1");
	CHECK_EQ_TEXT(out_member(&shell, "name"), "acme");
	CHECK(text_starts(out_member(&shell, "api_key"), "mb_live_"));
	moonbill_does(&shell, "tenant list");
	CHECK_SAYS(shell.out, "acme");
	CHECK_SAYS(shell.out, "Europe/Paris");
	moonbill_does(&shell, "key create ci --scopes 'read deploy' --json");
	CHECK_EQ_TEXT(out_member(&shell, "scopes"), "read deploy");
	moonbill_does(&shell, "key revoke ci --tenant acme");
	moonbill_does(&shell, "key list --json");
	CHECK_SAYS(shell.out, "\"name\":\"ci\"");
	CHECK_SAYS(shell.out, "revoked_at");
	CHECK(strstr(shell.out, "secret") == NULL);
	shell_close(&shell);
}

TEST(what_fails_ends_with_1_and_says_what_to_do)
{
	struct shell shell;
	shell_open(&shell);
	CHECK_EQ_INT(moonbill(&shell, "clock"), 1);
	CHECK_SAYS(shell.err, "moonbill tenant create NAME");
	moonbill_does(&shell, "tenant create acme");
	CHECK_EQ_INT(moonbill(&shell, "tenant create acme"), 1);
	CHECK_SAYS(shell.err, "'acme' already");
	CHECK_EQ_INT(moonbill(&shell, "tenant create acme --json"), 1);
	CHECK_EQ_TEXT(out_member(&shell, "status"), "409");
	moonbill_does(&shell, "tenant create other");
	CHECK_EQ_INT(moonbill(&shell, "key list"), 1);
	CHECK_SAYS(shell.err, "--tenant");
	CHECK_EQ_INT(moonbill(&shell, "key list --tenant nobody"), 1);
	CHECK_EQ_INT(moonbill(&shell, "tenant list --db /nowhere/at/all.db"), 1);
	shell_close(&shell);
}

/* ---- any command, anything that can be read ---- */

TEST(every_command_is_listed_and_shown_with_its_fields)
{
	struct shell shell;
	size_t count = 0, rows = 0;
	shell_open(&shell);
	moonbill_does(&shell, "commands list");
	for (const char *at = shell.out; (at = strchr(at, '\n')) != NULL; at++)
		rows++;
	for (size_t i = 0; billing_commands[i]; i++)
		for (const struct command_type *type = billing_commands[i]; type->name; type++, count++) {
			CHECK(type->doc && type->scope);
			CHECK_SAYS(shell.out, type->name);
		}
	CHECK(rows > count); /* the heading; and the engine has some of its own */
	moonbill_does(&shell, "commands list tag");
	CHECK_SAYS(shell.out, "tag.create");
	CHECK(!strstr(shell.out, "task.create"));
	moonbill_does(&shell, "commands show order.place");
	CHECK_SAYS(shell.out, "draft|provisioning|active");
	CHECK_SAYS(shell.out, "* lines                  list of order_line");
	CHECK_SAYS(shell.out, "order_line: One line of an order");
	CHECK_EQ_INT(moonbill(&shell, "commands show order.plaec"), 1);
	CHECK_SAYS(shell.err, "did you mean 'order.place'?");
	shell_close(&shell);
}

/* Beside a store of its own and over the socket of a server. */
static void check_commands(struct shell *shell)
{
	moonbill_does(shell, "do account.create name=Ann email=ann@example.test business=true --json");
	CHECK_EQ_TEXT(out_member(shell, "name"), "Ann");
	CHECK_EQ_TEXT(out_member(shell, "email"), "ann@example.test");
	moonbill_does(shell, "do tag_definition.create '{\"name\":\"VIP\"}'");
	moonbill_does(shell, "do tag.create name=VIP object_type=account object_id=1");
	moonbill_does(shell, "get 'tags?object_type=account&object_id=1'");
	CHECK_SAYS(shell->out, "object_type=account object_id=1 name=VIP");
	file_put("field.json", "{\"name\":\"region\",\"value\":\"two words\",\"object_type\":\"account\",\"object_id\":1}");
	moonbill_does(shell, "do custom_field.create @field.json");
	file_put("config.json", "{\"key\":\"k\",\"value\":\"v\"}");
	moonbill_does(shell, "do tenant_config.add - <config.json");
	moonbill_does(shell, "get /v1/custom_fields");
	CHECK_SAYS(shell->out, "value=\"two words\"");
	moonbill_does(shell, "do holiday.create name='May Day' start_date=2026-05-01 recurring=true --dry-run");
	CHECK_SAYS(shell->out, "recurring      true");
	moonbill_does(shell, "get holidays --json");
	CHECK(!strstr(shell->out, "May Day"));
	moonbill_does(shell, "do account.update id=1 name=Bea --dry-run");
	CHECK_SAYS(shell->out, "pre    account.update\n  post   account.update");
	moonbill_does(shell, "get accounts/1 --json");
	CHECK_EQ_TEXT(out_member(shell, "name"), "Ann");
	CHECK_EQ_INT(moonbill(shell, "do account.update id=1 naem=Bea"), 1);
	CHECK_SAYS(shell->err, "did you mean 'name'?");
	CHECK_EQ_INT(moonbill(shell, "do account.update id=eins"), 1);
	CHECK_SAYS(shell->err, "/id");
	CHECK_EQ_INT(moonbill(shell, "do account.update id"), 1);
	CHECK_SAYS(shell->err, "FIELD=VALUE");
	CHECK_EQ_INT(moonbill(shell, "get accounts/9"), 1);
	CHECK_SAYS(shell->err, "account 9 does not exist");
	CHECK_EQ_INT(moonbill(shell, "get acounts"), 1);
}

TEST(any_command_is_done_and_what_the_api_answers_is_told)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "tenant create trial --test");
	check_commands(&shell);
	shell_close(&shell);
}

TEST(what_rules_queued_is_listed_by_its_cause_and_withdrawn)
{
	struct shell shell;
	shell_open(&shell);
	CHECK(mkdir("fan", 0700) == 0 && mkdir("fan/rules", 0700) == 0);
	file_put("fan/bundle.json", "{\"name\":\"fan\"}");
	file_put("fan/rules/fan.lua",
	         "rule \"fan\" { post = \"account.create\", run = function (account, ctx)\n"
	         "  for i = 1, 3 do ctx:command(\"account.create\", { name = \"more\" }) end\n"
	         "  for i = 1, 2 do ctx:send(\"mail\", { to = \"a@example.com\", subject = \"x\", body = \"b\" }) end\nend }\n");
	moonbill_does(&shell, "tenant create trial --test");
	moonbill_does(&shell, "deploy fan");
	moonbill_does(&shell, "do account.create name=Ann");
	moonbill_does(&shell, "causes list --status open");
	CHECK_SAYS(shell.out, "account.create");
	moonbill_does(&shell, "jobs withdraw 1 --json");
	CHECK_EQ_TEXT(out_member(&shell, "withdrawn"), "1");
	moonbill_does(&shell, "deliveries withdraw 1 --json");
	CHECK_EQ_TEXT(out_member(&shell, "withdrawn"), "1");
	CHECK_EQ_INT(moonbill(&shell, "deliveries withdraw 1"), 1);
	CHECK_SAYS(shell.err, "delivery 1 is not pending");
	moonbill_does(&shell, "causes withdraw 1 --json");
	CHECK_EQ_TEXT(out_member(&shell, "withdrawn"), "3"); /* two commands and a message */
	moonbill_does(&shell, "get causes/1 --json");
	CHECK_EQ_TEXT(out_member(&shell, "status"), "withdrawn");
	CHECK_EQ_TEXT(out_member(&shell, "effects"), "5");
	CHECK_EQ_INT(moonbill(&shell, "causes withdraw 9"), 1);
	CHECK_SAYS(shell.err, "cause 9 does not exist");
	CHECK_EQ_INT(moonbill(&shell, "causes withdraw all"), 2);
	shell_close(&shell);
}

TEST(only_making_a_tenant_makes_a_store)
{
	static const char *const words[] = { "tenant list", "key list", "clock", "deploy b" };
	struct shell shell;
	shell_open(&shell);
	CHECK(mkdir("b", 0700) == 0);
	file_put("b/bundle.json", "{\"name\":\"b\",\"rules\":[]}");
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		CHECK_EQ_INT(moonbill(&shell, words[i]), 1);
		CHECK_SAYS(shell.err, "there is no store ./moonbill.db");
		CHECK_SAYS(shell.err, "moonbill tenant create NAME");
		CHECK(access("moonbill.db", F_OK) != 0);
		CHECK(access("moonbill.db.lock", F_OK) != 0);
	}
	moonbill_does(&shell, "tenant create acme");
	moonbill_does(&shell, "tenant list");
	shell_close(&shell);
}

TEST(the_store_is_named_by_option_environment_or_file)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "tenant create a --db one.db");
	CHECK(access("one.db", F_OK) == 0);
	setenv("MOONBILL_DB", "two.db", 1);
	moonbill_does(&shell, "tenant create b");
	CHECK(access("two.db", F_OK) == 0);
	unsetenv("MOONBILL_DB");
	file_put("m.conf", "db = three.db\n");
	moonbill_does(&shell, "tenant create c --config m.conf");
	CHECK(access("three.db", F_OK) == 0);
	file_put("m.conf", "db = three.db\nwokers = 3\n");
	CHECK_EQ_INT(moonbill(&shell, "tenant list --config m.conf"), 2);
	CHECK_SAYS(shell.err, "m.conf:2");
	shell_close(&shell);
}

/* ---- test tenants and demos ---- */

TEST(a_test_tenant_has_a_clock_that_moves)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "tenant create trial --test --at 2011-09-06T15:00:00Z --json");
	CHECK_EQ_TEXT(out_member(&shell, "clock"), "2011-09-06T15:00:00Z");
	moonbill_does(&shell, "clock --set 2011-10-01T00:00:00Z --json");
	CHECK_EQ_TEXT(out_member(&shell, "now"), "2011-10-01T00:00:00Z");
	CHECK_EQ_INT(moonbill(&shell, "clock --set tomorrow"), 1);
	CHECK_SAYS(shell.err, "not an instant");
	moonbill_does(&shell, "tenant create live");
	CHECK_EQ_INT(moonbill(&shell, "clock --tenant live --set 2031-10-01T00:00:00Z"), 1);
	CHECK_SAYS(shell.err, "Use a test tenant");
	CHECK_EQ_INT(moonbill(&shell, "tenant create ' x'"), 1);
	CHECK_SAYS(shell.err, "without blanks around it");
	shell_close(&shell);
}

TEST(a_demo_tenant_begins_with_its_bundle)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "tenant create hosting --demo daddyhost --json");
	CHECK_EQ_TEXT(out_member(&shell, "mode"), "test");
	CHECK_EQ_TEXT(out_member(&shell, "clock"), "2011-09-06T15:00:00Z");
	moonbill_does(&shell, "tenant list --json");
	CHECK_SAYS(shell.out, "\"bundle\":\"");
	CHECK_EQ_INT(moonbill(&shell, "tenant create x --demo dadyhost"), 1);
	CHECK_SAYS(shell.err, "did you mean 'daddyhost'");
	moonbill_does(&shell, "tenant list --json");
	CHECK(strstr(shell.out, "\"x\"") == NULL);
	shell_close(&shell);
}

/* ---- bundles ---- */

static void bundle_write(const char *plan)
{
	mkdir("b", 0700);
	mkdir("b/rules", 0700);
	mkdir("b/catalog", 0700);
	file_put("b/bundle.json", "{\"name\":\"b\"}");
	file_put("b/README.md", "not a part of the bundle");
	file_put("b/rules/r.lua", "rule 'r' { post = 'account.create', run = function (account, ctx) end }\n");
	file_put("b/catalog/p.json", plan);
}

TEST(a_bundle_is_checked_and_deployed_from_its_folder)
{
	struct shell shell;
	shell_open(&shell);
	bundle_write("{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\",\"amount\":\"5\"}]}]}");
	moonbill_does(&shell, "check b --json");
	CHECK_EQ_TEXT(out_member(&shell, "rules"), "1");
	CHECK_EQ_TEXT(out_member(&shell, "files"), "3");
	struct text digest = text_copy(&shell.arena, out_member(&shell, "digest"));
	CHECK(access("moonbill.db", F_OK) != 0);
	moonbill_does(&shell, "tenant create acme --json");
	const char *key = text_c(&shell.arena, out_member(&shell, "api_key"));
	moonbill_does(&shell, text_format(&shell.arena, "deploy b --key %s --json", key).data);
	CHECK_EQ_TEXT(out_member(&shell, "digest"), text_c(&shell.arena, digest));
	CHECK_EQ_INT(moonbill(&shell, "deploy b --key mb_live_wrong"), 1);
	shell_close(&shell);
}

#define KILLBILL(name) SOURCE_DIR "/tests/billing/killbill/" name

TEST(catalogs_of_kill_bill_become_a_bundle_that_can_be_deployed)
{
	struct shell shell;
	shell_open(&shell);
	moonbill_does(&shell, "import killbill-catalog " KILLBILL("catalog.xml") " " KILLBILL("overdue.xml") " --out shop --json");
	CHECK_EQ_TEXT(out_member(&shell, "folder"), "shop");
	CHECK_EQ_TEXT(out_member(&shell, "versions"), "1");
	CHECK(access("shop/overdue.json", R_OK) == 0);
	CHECK(access("moonbill.db", F_OK) != 0);
	moonbill_does(&shell, "check shop");
	moonbill_does(&shell, "tenant create acme --json");
	const char *key = text_c(&shell.arena, out_member(&shell, "api_key"));
	moonbill_does(&shell, text_format(&shell.arena, "deploy shop --key %s", key).data);
	CHECK_EQ_INT(moonbill(&shell, "import killbill-catalog " KILLBILL("catalog.xml") " --out shop"), 1);
	CHECK_SAYS(shell.err, "shop");
	shell_close(&shell);
}

TEST(what_is_no_catalog_is_not_imported)
{
	struct shell shell;
	shell_open(&shell);
	file_put("half.xml", "<catalog>\n<plans></catalog>\n");
	CHECK_EQ_INT(moonbill(&shell, "import killbill-catalog half.xml --out shop"), 1);
	CHECK_SAYS(shell.err, "half.xml");
	CHECK(access("shop", F_OK) != 0);
	CHECK_EQ_INT(moonbill(&shell, "import killbill-catalog none.xml"), 1);
	CHECK_SAYS(shell.err, "none.xml");
	CHECK_EQ_INT(moonbill(&shell, "import killbill-catalog"), 2);
	shell_close(&shell);
}

TEST(problems_of_a_bundle_are_told_by_file)
{
	struct shell shell;
	shell_open(&shell);
	bundle_write("{\"plans\":[{\"code\":\"A\",\"charges\":[{\"price_code\":\"M\",\"kind\":\"recurring\"}]}]}");
	file_put("b/rules/r.lua", "rule 'r' {\n  post = 'account.create',\n  run = function (account, ctx) end end\n}\n");
	CHECK_EQ_INT(moonbill(&shell, "check b"), 1);
	CHECK_SAYS(shell.err, "catalog/p.json: plans/0/charges/0/amount: ");
	CHECK_SAYS(shell.err, "rules/r.lua:3: ");
	CHECK_EQ_INT(moonbill(&shell, "check b --json"), 1);
	CHECK_EQ_TEXT(out_member(&shell, "status"), "422");
	CHECK_EQ_INT(moonbill(&shell, "check nowhere"), 1);
	CHECK_SAYS(shell.err, "nowhere/bundle.json");
	shell_close(&shell);
}

TEST(what_a_cause_says_again_is_said_once)
{
	struct shell shell;
	shell_open(&shell);
	bundle_write("{\"plans\":[]}");
	file_put("b/rules/Upper.lua", "");
	CHECK_EQ_INT(moonbill(&shell, "check b"), 1);
	CHECK(text_starts(text_of(shell.err), "rules/Upper.lua: a file is named by"));
	CHECK(strstr(shell.err, "moonbill: a file is named by") == NULL);
	shell_close(&shell);
}

TEST(a_rule_for_what_never_happens_is_noted_and_not_refused)
{
	struct shell shell;
	shell_open(&shell);
	bundle_write("{\"plans\":[]}");
	file_put("b/rules/r.lua", "rule 'letters' { pre = { 'invoice.send', 'OnBeforeMessageCreated' }, run = function () end }\n"
	                          "rule 'late' { post = 'OVERDUE_CHANGE', run = function () end }\n"
	                          "rule 'right' { pre = 'OrderValidate', run = function () end }\n");
	moonbill_does(&shell, "check b");
	CHECK_SAYS(shell.out, "rules/r.lua:1: rule 'letters' is not called for message.create: that does not happen in this version (mails are");
	CHECK_SAYS(shell.out, "rules/r.lua:2: rule 'late' is never called: overdue.change does not happen in this version (no account gets");
	CHECK(strstr(shell.out, "rule 'right'") == NULL);
	shell_close(&shell);
}

TEST(a_policy_rule_that_a_setting_hides_is_noted)
{
	struct shell shell;
	shell_open(&shell);
	bundle_write("{\"plans\":[]}");
	file_put("b/rules/r.lua", "rule 'mine' {\n  policy = 'tax',\n  run = function (request) return request.amount end,\n}\n"
	                          "rule 'nightly' { task = true, run = function (ctx) end }\n");
	moonbill_does(&shell, "check b");
	CHECK(strstr(shell.out, "rule 'mine'") == NULL);
	CHECK_SAYS(shell.out, "rules/r.lua:5: rule 'nightly' runs by a schedule: make one");
	file_put("b/bundle.json", "{\"name\":\"b\",\"rules\":[\"rules/r.lua\"],\"settings\":{\"policies\":{\"tax\":\"tax/percent\"}}}");
	moonbill_does(&shell, "check b");
	CHECK_SAYS(shell.out, "rules/r.lua:1: rule 'mine' is not asked: the setting policies.tax names 'tax/percent'");
	moonbill_does(&shell, "check b --json");
	CHECK_SAYS(shell.out, "\"notes\":[\"rules/r.lua:1: rule 'mine' is not asked");
	file_put("b/bundle.json", "{\"name\":\"b\",\"rules\":[\"rules/r.lua\"],\"settings\":{\"policies\":{\"tax\":\"mine\"}}}");
	moonbill_does(&shell, "check b");
	CHECK(strstr(shell.out, "rule 'mine'") == NULL);
	shell_close(&shell);
}

/* ---- the owner of a store ---- */

static pid_t serve_start(void)
{
	pid_t child = fork();
	CHECK(child >= 0);
	if (child == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* it ends with the test, also when a check fails */
		int out = open("serve.txt", O_WRONLY | O_CREAT | O_TRUNC, 0600);
		dup2(out, STDOUT_FILENO);
		execl(BINARY_DIR "/moonbill", "moonbill", "serve", "--listen", "127.0.0.1:0", "--log", "error", (char *)NULL);
		_exit(127);
	}
	return child;
}

/* Until the server has printed where it listens. */
static void serve_wait(struct shell *shell)
{
	for (int i = 0; i < WAIT_TRIES; i++) {
		struct timespec wait = { .tv_nsec = WAIT_NS };
		nanosleep(&wait, NULL);
		if (access("serve.txt", F_OK) != 0)
			continue;
		file_take("serve.txt", shell->out);
		if (strstr(shell->out, "http://127.0.0.1:"))
			return;
	}
	CHECK_FAIL("the server did not start");
}

TEST(subcommands_reach_a_running_server_over_its_socket)
{
	struct shell shell;
	struct stat status;
	int exit_status = 0;
	shell_open(&shell);
	pid_t server = serve_start();
	serve_wait(&shell);
	CHECK(stat("moonbill.db.sock", &status) == 0);
	CHECK_EQ_INT(status.st_mode & 0777, 0600);
	moonbill_does(&shell, "tenant create trial --demo daddyhost --json");
	CHECK_EQ_TEXT(out_member(&shell, "name"), "trial");
	moonbill_does(&shell, "clock --set 2011-09-07T00:00:00Z --json");
	CHECK_EQ_TEXT(out_member(&shell, "now"), "2011-09-07T00:00:00Z");
	CHECK_EQ_INT(moonbill(&shell, "tenant create trial"), 1);
	CHECK_SAYS(shell.err, "'trial' already");
	CHECK_EQ_INT(moonbill(&shell, "serve --listen 127.0.0.1:0"), 1);
	CHECK_SAYS(shell.err, "in use");
	check_commands(&shell);
	kill(server, SIGTERM);
	CHECK(waitpid(server, &exit_status, 0) == server);
	CHECK(WIFEXITED(exit_status));
	CHECK_EQ_INT(WEXITSTATUS(exit_status), 0);
	CHECK(access("moonbill.db.sock", F_OK) != 0);
	moonbill_does(&shell, "tenant list --json");
	CHECK_SAYS(shell.out, "\"trial\"");
	shell_close(&shell);
}

TEST(verify_reads_beside_a_server_and_says_by_its_exit_code_whether_all_holds)
{
	struct shell shell;
	shell_open(&shell);
	CHECK_EQ_INT(moonbill(&shell, "verify --db none.db"), 1);
	pid_t server = serve_start();
	serve_wait(&shell);
	moonbill_does(&shell, "tenant create trial --demo daddyhost");
	moonbill_does(&shell, "verify --json");
	CHECK_EQ_TEXT(out_member(&shell, "violations"), "0");
	CHECK_EQ_INT(moonbill(&shell, "verify --tenant nobody"), 1);
	CHECK_SAYS(shell.err, "nobody");
	kill(server, SIGTERM);
	CHECK(waitpid(server, NULL, 0) == server);
	sqlite3 *handle;
	CHECK_EQ_INT(sqlite3_open("moonbill.db", &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(handle, "UPDATE audit SET actor = 'nobody' WHERE id = 1", NULL, NULL, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	CHECK_EQ_INT(moonbill(&shell, "verify --tenant trial"), 1);
	CHECK_SAYS(shell.out, "audit_chain");
	CHECK_EQ_INT(moonbill(&shell, "verify --json"), 1);
	CHECK_SAYS(shell.out, "{\"invariant\":\"audit_chain\",\"number\":47,\"tenant\":\"trial\",\"kind\":\"audit\",\"id\":1,");
	shell_close(&shell);
}

static void operate(struct engine *engine, struct arena *arena, const char *request)
{
	struct text answer = operation_answer(engine, text_of(request), NULL, arena);
	if (!text_starts(answer, "{\"output\":"))
		CHECK_FAIL("%s: %.*s", request, TEXT_ARG(answer));
}

/* ---- secrets ---- */

static void store_with_secret(struct shell *shell)
{
	const struct engine_options options = { .lock = true, .commands = billing_commands, .jobs = billing_jobs };
	struct problems problems;
	problems_init(&problems, &shell->arena);
	struct engine *engine = engine_open(TEXT("moonbill.db"), &options, &problems);
	CHECK(engine != NULL);
	operate(engine, &shell->arena, "{\"command\":\"tenant.create\",\"input\":{\"name\":\"trial\"}}");
	operate(engine, &shell->arena,
	        "{\"command\":\"webhook_endpoint.create\",\"input\":{\"url\":\"https://example.com/x\",\"events\":\"invoice.*\"}}");
	engine_close(engine);
}

/* May a process of the same user read its memory? Root may beside: what allows that is laid down for the question. Who may is
 * told that there is nothing at 0. */
static bool memory_can_be_read(pid_t process)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct have[2], fewer[2];
	char byte;
	const struct iovec mine = { &byte, 1 }, theirs = { NULL, 1 };
	CHECK(syscall(SYS_capget, &header, have) == 0);
	memcpy(fewer, have, sizeof fewer);
	fewer[CAP_TO_INDEX(CAP_SYS_PTRACE)].effective &= ~(uint32_t)CAP_TO_MASK(CAP_SYS_PTRACE);
	CHECK(syscall(SYS_capset, &header, fewer) == 0);
	bool refused = process_vm_readv(process, &mine, 1, &theirs, 1, 0) < 0 && errno == EPERM;
	CHECK(syscall(SYS_capset, &header, have) == 0);
	return !refused;
}

/* A server that a sanitizer watches looks into itself, and stays as it is. */
TEST(who_has_keys_in_memory_lets_nobody_look_into_it)
{
	struct shell shell;
	shell_open(&shell);
	pid_t open = serve_start();
	serve_wait(&shell);
	CHECK(memory_can_be_read(open));
	kill(open, SIGTERM);
	CHECK(waitpid(open, NULL, 0) == open && unlink("serve.txt") == 0);
	moonbill_does(&shell, "secrets key k.key");
	CHECK_EQ_INT(setenv("MOONBILL_SECRETS_KEY_FILE", "k.key", 1), 0);
	pid_t closed = serve_start();
	serve_wait(&shell);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
	CHECK(!memory_can_be_read(closed));
#endif
	kill(closed, SIGTERM);
	CHECK(waitpid(closed, NULL, 0) == closed);
	CHECK_EQ_INT(unsetenv("MOONBILL_SECRETS_KEY_FILE"), 0);
	shell_close(&shell);
}

TEST(secrets_are_sealed_by_the_first_key_of_a_file_which_the_server_then_needs)
{
	struct shell shell;
	shell_open(&shell);
	store_with_secret(&shell);
	CHECK_EQ_INT(moonbill(&shell, "secrets seal"), 1);
	CHECK_SAYS(shell.err, "secrets_key_file names no file");
	moonbill_does(&shell, "secrets key k.key");
	CHECK_EQ_INT(setenv("MOONBILL_SECRETS_KEY_FILE", "k.key", 1), 0);
	moonbill_does(&shell, "secrets seal --json");
	CHECK_EQ_TEXT(out_member(&shell, "sealed"), "1");
	struct text first = text_copy(&shell.arena, out_member(&shell, "key_id"));
	moonbill_does(&shell, "secrets key k.key --json");
	CHECK_EQ_TEXT(out_member(&shell, "keys"), "2");
	moonbill_does(&shell, "secrets seal --json");
	CHECK_EQ_TEXT(out_member(&shell, "sealed"), "1");
	CHECK(!text_equals(out_member(&shell, "key_id"), first));
	moonbill_does(&shell, "secrets seal --json");
	CHECK_EQ_TEXT(out_member(&shell, "sealed"), "0");
	CHECK_EQ_INT(unsetenv("MOONBILL_SECRETS_KEY_FILE"), 0);
	CHECK_EQ_INT(moonbill(&shell, "serve --listen 127.0.0.1:0"), 1);
	CHECK_SAYS(shell.err, "which secrets_key_file does not have");
	CHECK_EQ_INT(chmod("k.key", 0644), 0);
	CHECK_EQ_INT(setenv("MOONBILL_SECRETS_KEY_FILE", "k.key", 1), 0);
	CHECK_EQ_INT(moonbill(&shell, "secrets seal"), 1);
	CHECK_SAYS(shell.err, "everybody may read k.key");
	CHECK_EQ_INT(unsetenv("MOONBILL_SECRETS_KEY_FILE"), 0);
	moonbill_does(&shell, "verify");
	shell_close(&shell);
}

/* How often it stands in a file; 0 without one. */
static int count_in_file(struct shell *shell, const char *path, const char *part)
{
	struct text content;
	struct problems problems;
	int count = 0;
	problems_init(&problems, &shell->arena);
	if (access(path, F_OK) != 0)
		return 0;
	CHECK(file_read(path, 64 * 1024 * 1024, &shell->arena, &problems, &content));
	for (size_t i = 0; i + strlen(part) <= content.length; i++)
		count += memcmp(content.data + i, part, strlen(part)) == 0;
	return count;
}

TEST(no_plain_secret_stays_in_the_stores_file_once_it_is_sealed)
{
	struct shell shell;
	shell_open(&shell);
	store_with_secret(&shell);
	CHECK(count_in_file(&shell, "moonbill.db", "whsec_") > 0);
	moonbill_does(&shell, "secrets key k.key");
	CHECK_EQ_INT(setenv("MOONBILL_SECRETS_KEY_FILE", "k.key", 1), 0);
	moonbill_does(&shell, "secrets seal");
	CHECK_EQ_INT(unsetenv("MOONBILL_SECRETS_KEY_FILE"), 0);
	CHECK_EQ_INT(count_in_file(&shell, "moonbill.db", "whsec_") + count_in_file(&shell, "moonbill.db-wal", "whsec_"), 0);
	shell_close(&shell);
}

TEST(a_file_of_keys_keeps_its_mode_and_place_and_nothing_left_behind_is_in_its_way)
{
	struct shell shell;
	struct stat status;
	shell_open(&shell);
	moonbill_does(&shell, "secrets key k.key");
	CHECK(stat("k.key", &status) == 0 && (status.st_mode & 07777) == 0600);
	CHECK_EQ_INT(chmod("k.key", 0640), 0);
	CHECK_EQ_INT(symlink("k.key", "link.key"), 0);
	CHECK_EQ_INT(close(creat("k.key.new", 0600)), 0);
	moonbill_does(&shell, "secrets key link.key --json");
	CHECK_EQ_TEXT(out_member(&shell, "keys"), "2");
	CHECK(stat("k.key", &status) == 0 && (status.st_mode & 07777) == 0640);
	CHECK(lstat("link.key", &status) == 0 && S_ISLNK(status.st_mode));
	CHECK_EQ_INT(moonbill(&shell, "secrets key missing/k.key"), 1);
	CHECK_SAYS(shell.err, "missing/k.key");
	shell_close(&shell);
}

/* ---- explanations ---- */

/* A tenant whose first invoice, number 1, has a monthly fee of 165.00 for 11 of 30 days. */
static void store_with_invoice(struct shell *shell)
{
	const struct engine_options options = { .lock = true, .commands = billing_commands, .jobs = billing_jobs };
	struct problems problems;
	problems_init(&problems, &shell->arena);
	struct engine *engine = engine_open(TEXT("moonbill.db"), &options, &problems);
	CHECK(engine != NULL);
	operate(engine, &shell->arena,
	        "{\"command\":\"tenant.create\",\"input\":{\"name\":\"trial\",\"test\":true,\"at\":\"2011-09-06T15:00:00Z\"}}");
	operate(engine, &shell->arena,
	        "{\"command\":\"plan.create\",\"input\":{\"code\":\"H\",\"charges\":[{\"price_code\":\"FEE\",\"kind\":\"recurring\","
	        "\"amount\":\"165.00\",\"prorated\":true}]}}");
	operate(engine, &shell->arena, "{\"command\":\"account.create\",\"input\":{\"name\":\"Ann\"}}");
	operate(engine, &shell->arena,
	        "{\"command\":\"order.place\",\"input\":{\"account_id\":1,\"plan\":\"H\",\"start_date\":\"2011-09-20\","
	        "\"create_invoice\":true,\"lines\":[{\"price_code\":\"FEE\",\"quantity\":\"1\"}]}}");
	engine_close(engine);
}

TEST(an_invoice_is_explained_and_what_was_changed_of_it_ends_with_1)
{
	struct shell shell;
	shell_open(&shell);
	store_with_invoice(&shell);
	moonbill_does(&shell, "explain 1");
	CHECK_SAYS(shell.out, "invoice 1, open");
	CHECK_SAYS(shell.out, "price      1 x 165 = 165 -> 165");
	CHECK_SAYS(shell.out, "proration  11 of 30 days -> 60.5");
	CHECK_SAYS(shell.out, "rule proration/inclusive_days (proration/inclusive_days.lua:");
	CHECK_SAYS(shell.out, "subject.service_start = 2011-09-20");
	CHECK_SAYS(shell.out, "rounding   60.5 becomes 60.50, half_up per line -> 60.5");
	CHECK_SAYS(shell.out, "Done again, all of it comes to the same.");
	moonbill_does(&shell, "explain 1 1 --tenant trial --json");
	CHECK_EQ_TEXT(out_member(&shell, "total"), "60.50");
	CHECK_EQ_INT(moonbill(&shell, "explain 1 2"), 1);
	CHECK_SAYS(shell.err, "Its lines are 1 to 1.");
	CHECK_EQ_INT(moonbill(&shell, "explain 77"), 1);
	CHECK_SAYS(shell.err, "there is no invoice, credit note or credit '77'");
	CHECK_EQ_INT(moonbill(&shell, "explain 1 x"), 2);
	sqlite3 *handle;
	CHECK_EQ_INT(sqlite3_open("moonbill.db", &handle), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_exec(handle, "UPDATE invoice_line SET amount = amount + 1", NULL, NULL, NULL), SQLITE_OK);
	CHECK_EQ_INT(sqlite3_close(handle), SQLITE_OK);
	CHECK_EQ_INT(moonbill(&shell, "explain 1"), 1);
	CHECK_SAYS(shell.out, "NOT THE SAME: It comes to 60.50; the line says 60.51.");
	CHECK_SAYS(shell.out, "Done again, it does NOT come to the same.");
	shell_close(&shell);
}

/* ---- the socket ---- */

static int control_dial(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "moonbill.db.sock" };
	int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	CHECK(connection >= 0);
	CHECK(connect(connection, (struct sockaddr *)&address, sizeof address) == 0);
	return connection;
}

TEST(an_asker_that_says_nothing_does_not_hold_up_the_servers_end)
{
	struct shell shell;
	int exit_status = 0;
	shell_open(&shell);
	pid_t server = serve_start();
	serve_wait(&shell);
	int silent = control_dial(), half = control_dial();
	CHECK(send(half, "{\"list\":", 8, MSG_NOSIGNAL) == 8);
	time_t begun = time(NULL);
	kill(server, SIGTERM);
	CHECK(waitpid(server, &exit_status, 0) == server);
	CHECK(time(NULL) - begun < 8);
	CHECK(WIFEXITED(exit_status) && WEXITSTATUS(exit_status) == 0);
	close(silent);
	close(half);
	shell_close(&shell);
}

TEST(a_store_has_one_owner_by_whatever_name_it_is_opened)
{
	struct shell shell;
	shell_open(&shell);
	pid_t server = serve_start();
	serve_wait(&shell);
	moonbill_does(&shell, "tenant create acme");
	CHECK(symlink("moonbill.db", "other.db") == 0);
	CHECK_EQ_INT(moonbill(&shell, "serve --listen 127.0.0.1:0 --db other.db"), 1);
	CHECK_SAYS(shell.err, "in use");
	moonbill_does(&shell, "tenant list --db other.db"); /* the owner answers */
	CHECK_SAYS(shell.out, "acme");
	CHECK(access("other.db.lock", F_OK) != 0);
	CHECK(link("moonbill.db", "third.db") == 0);
	CHECK_EQ_INT(moonbill(&shell, "serve --listen 127.0.0.1:0 --db third.db"), 1);
	CHECK_SAYS(shell.err, "has 2 names");
	CHECK(access("third.db-wal", F_OK) != 0);
	CHECK(unlink("third.db") == 0);
	kill(server, SIGTERM);
	CHECK(waitpid(server, NULL, 0) == server);
	CHECK_EQ_INT(moonbill(&shell, "tenant list --db ."), 1);
	CHECK_SAYS(shell.err, "is not a file");
	shell_close(&shell);
}

CHECK_MAIN
