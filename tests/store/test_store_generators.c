/* test_store_generators.c: what the generators of statements and tables write, and what they refuse. */
#include "check.h"

#include <sys/stat.h>

/* A schema of one account-scoped and one global record in a directory of its own. */
struct workshop {
	char directory[64], output[8192];
	struct arena arena;
};

static const char records[] =
	"record \"thing\" { doc = \"A thing.\", stored = { since = 1, key = { \"account_id\", \"id\" } },\n"
	"  { \"id\", \"id\", required = true, doc = \"Id.\" }, { \"account_id\", \"id\", required = true, doc = \"Account.\" },\n"
	"  { \"limit\", \"text\", doc = \"A word of SQL.\" }, { \"late\", \"boolean\", required = true, since = 2, default = true, doc = \"New.\" } }\n"
	"record \"house\" { doc = \"A house.\", stored = { since = 1, key = { \"id\" }, global = true },\n"
	"  { \"id\", \"id\", required = true, doc = \"Id.\" }, { \"name\", \"text\", doc = \"Name.\" } }\n";

static const char *path_of(struct workshop *shop, const char *name)
{
	return text_c(&shop->arena, text_format(&shop->arena, "%s/%s", shop->directory, name));
}

static void put(struct workshop *shop, const char *name, const char *content)
{
	FILE *file = fopen(path_of(shop, name), "w");
	CHECK(file != NULL);
	fputs(content, file);
	fclose(file);
}

static void shop_open(struct workshop *shop)
{
	*shop = (struct workshop){ 0 };
	CHECK(arena_init(&shop->arena, ARENA_LIMIT_DEFAULT_BYTES));
	snprintf(shop->directory, sizeof shop->directory, "/tmp/moonbill-shop-XXXXXX");
	CHECK(mkdtemp(shop->directory) != NULL);
	CHECK_EQ_INT(mkdir(path_of(shop, "tables"), 0700), 0);
	put(shop, "records.lua", records);
	put(shop, "statements.sql", "--@ thing_by_limit: things of a limit\nSELECT {thing t} FROM thing t WHERE t.tenant_id = $1 AND t.\"limit\" = $2\n");
	put(shop, "tables/001-indexes.sql", "-- used by: thing_by_limit\nCREATE INDEX thing_limit ON thing (tenant_id, \"limit\");\n");
}

static void shop_close(struct workshop *shop)
{
	CHECK_EQ_INT(system(text_c(&shop->arena, text_format(&shop->arena, "rm -r '%s'", shop->directory))), 0);
	arena_finish(&shop->arena);
}

/* Runs a generator; what it printed is in shop->output. */
static bool run(struct workshop *shop, const char *generator)
{
	FILE *pipe = popen(text_c(&shop->arena, text_format(&shop->arena, "lua5.4 '%s/scripts/generate/%s.lua' '%s' '%s' 2>&1",
	                                                    SOURCE_DIR, generator, shop->directory, shop->directory)), "r");
	CHECK(pipe != NULL);
	size_t length = fread(shop->output, 1, sizeof shop->output - 1, pipe);
	shop->output[length] = '\0';
	return pclose(pipe) == 0;
}

static void must_say(struct workshop *shop, const char *words)
{
	if (!strstr(shop->output, words))
		CHECK_FAIL("expected: %s\n#   found:    %s", words, shop->output);
}

static void must_refuse(const char *generator, const char *name, const char *content, const char *words)
{
	struct workshop shop;
	shop_open(&shop);
	put(&shop, name, content);
	CHECK(!run(&shop, generator));
	must_say(&shop, words);
	shop_close(&shop);
}

static void read_back(struct workshop *shop, const char *name)
{
	FILE *file = fopen(path_of(shop, name), "r");
	CHECK(file != NULL);
	size_t length = fread(shop->output, 1, sizeof shop->output - 1, file);
	shop->output[length] = '\0';
	fclose(file);
}

TEST(statements_are_derived_from_records)
{
	struct workshop shop;
	shop_open(&shop);
	CHECK(run(&shop, "statements"));
	read_back(&shop, "statement.gen.c");
	must_say(&shop, "INSERT INTO thing (tenant_id, id, account_id, \\\"limit\\\", late) VALUES (?1, ?2, ?3, ?4, ?5)");
	must_say(&shop, "UPDATE thing SET \\\"limit\\\" = ?4, late = ?5 WHERE tenant_id = ?1 AND account_id = ?3 AND id = ?2");
	must_say(&shop, "SELECT id, account_id, \\\"limit\\\", late FROM thing WHERE tenant_id = ?1 AND id = ?2");
	must_say(&shop, "INSERT INTO house (id, name) VALUES (?1, ?2)");
	must_say(&shop, "UPDATE house SET name = ?2 WHERE id = ?1");
	must_say(&shop, "SELECT t.id, t.account_id, t.\\\"limit\\\", t.late FROM thing t WHERE t.tenant_id = ?1");
	shop_close(&shop);
}

/* Whether the entry of a statement says that its row may be kept, or that it may change such rows. */
static void must_be_cached(struct workshop *shop, const char *statement, const char *row_cached, const char *changes_cached)
{
	const char *entry = strstr(shop->output, text_c(&shop->arena, text_format(&shop->arena, "[STATEMENT_%s]", statement)));
	CHECK(entry != NULL);
	const char *row = strstr(entry, ".row_cached = "), *changes = strstr(entry, ".changes_cached = ");
	check_note("%s", statement);
	CHECK(strncmp(row + strlen(".row_cached = "), row_cached, strlen(row_cached)) == 0);
	CHECK(strncmp(changes + strlen(".changes_cached = "), changes_cached, strlen(changes_cached)) == 0);
}

TEST(what_may_change_a_kept_row_is_found_wherever_it_is_written)
{
	struct workshop shop;
	shop_open(&shop);
	put(&shop, "records.lua", "record \"house\" { doc = \"A house.\", stored = { since = 1, key = { \"id\" }, global = true, cached = true },\n"
	                          "  { \"id\", \"id\", required = true, doc = \"Id.\" }, { \"name\", \"text\", doc = \"Name.\" },\n"
	                          "  { \"built_from\", \"text\", doc = \"What of; its name has a word of SQL in it.\" } }\n");
	put(&shop, "statements.sql", "--@ a [global]: x\nSELECT {house} FROM house WHERE name = $1\n"
	                             "--@ b [global]: x\nSELECT {house h} FROM house h JOIN shed s ON s.id = h.id WHERE h.name = $1\n"
	                             "--@ c [global]: x\nSELECT {house} FROM house WHERE id = (SELECT id FROM shed WHERE id = $1)\n"
	                             "--@ d [global]: x\nINSERT OR REPLACE INTO house (id) VALUES ($1)\n"
	                             "--@ e [global]: x\nWITH late AS (SELECT 1) UPDATE \"house\" SET name = $1\n"
	                             "--@ f [global]: x\nreplace into house (id) values ($1)\n"
	                             "--@ g [global]: x\nUPDATE shed SET name = (SELECT name FROM house WHERE id = $1)\n");
	CHECK(run(&shop, "statements"));
	read_back(&shop, "statement.gen.c");
	must_be_cached(&shop, "A", "true", "false");
	must_be_cached(&shop, "B", "false", "false");
	must_be_cached(&shop, "C", "false", "false");
	must_be_cached(&shop, "D", "false", "true");
	must_be_cached(&shop, "E", "false", "true");
	must_be_cached(&shop, "F", "false", "true");
	must_be_cached(&shop, "G", "false", "false");
	must_be_cached(&shop, "HOUSE_UPDATE", "false", "true");
	must_be_cached(&shop, "HOUSE_FIND", "true", "false");
	shop_close(&shop);
}

TEST(tables_are_derived_from_records_migration_by_migration)
{
	struct workshop shop;
	shop_open(&shop);
	CHECK(run(&shop, "tables"));
	read_back(&shop, "migrations.gen.c");
	must_say(&shop, "PRIMARY KEY (tenant_id, account_id, id)\\n) STRICT, WITHOUT ROWID");
	must_say(&shop, "CREATE UNIQUE INDEX thing_by_id ON thing (tenant_id, id)");
	must_say(&shop, "ALTER TABLE thing ADD COLUMN late INTEGER NOT NULL DEFAULT 1 CHECK (late IN (0, 1))");
	must_say(&shop, "{ 2, statements_2 },");
	must_say(&shop, "{ \"thing_limit\", STATEMENT_THING_BY_LIMIT },");
	shop_close(&shop);
}

TEST(a_statement_across_tenants_is_refused_with_its_place)
{
	must_refuse("statements", "statements.sql", "\n--@ things: all\nSELECT {thing} FROM thing\n", "statements.sql:2: statement things: must say 'tenant_id = $1'");
	must_refuse("statements", "statements.sql", "--@ things: all\nSELECT {thing} FROM thing WHERE tenant_id = $2 AND id = $1\n", "must say 'tenant_id = $1'");
	must_refuse("statements", "statements.sql", "--@ things: all\nSELECT {thing} FROM thing WHERE tenant_id = $10\n", "must say 'tenant_id = $1'");
	must_refuse("statements", "statements.sql", "--@ things: all\nSELECT {thing} FROM thing -- WHERE tenant_id = $1\n", "must say 'tenant_id = $1'");
	must_refuse("statements", "statements.sql", "--@ thing_add: one\nINSERT INTO thing (id, tenant_id) VALUES ($1, $2)\n", "must say 'tenant_id = $1'");
}

TEST(a_statement_that_is_not_understood_is_refused)
{
	must_refuse("statements", "statements.sql", "SELECT 1\n", "statements.sql:1: a statement begins with");
	must_refuse("statements", "statements.sql", "--@ Things: all\nSELECT 1\n", "write '--@ name: what it answers'");
	must_refuse("statements", "statements.sql", "--@ a [global]: x\nSELECT 1\n--@ a [global]: x\nSELECT 1\n", "statements.sql:3: statement a is there twice");
	must_refuse("statements", "statements.sql", "--@ thing_find [global]: x\nSELECT 1\n", "taken by the one derived");
	must_refuse("statements", "statements.sql", "--@ a [global]: x\nSELECT {thin} FROM thing\n", "{thin} is not a stored record");
	must_refuse("statements", "statements.sql", "--@ a [global]: x\nSELECT $1, $3\n", "$2 is missing");
	must_refuse("statements", "statements.sql", "--@ a [global]: x\nSELECT 1; SELECT 2\n", "one statement a name");
}

TEST(an_index_that_nothing_uses_is_refused)
{
	must_refuse("tables", "tables/001-indexes.sql", "CREATE INDEX thing_limit ON thing (tenant_id);\n", "needs a comment line '-- used by: statement'");
	must_refuse("tables", "tables/001-indexes.sql", "-- used by: things\nCREATE INDEX thing_limit ON thing (tenant_id);\n", "used by things, which does not exist");
	must_refuse("tables", "tables/004-gap.sql", "CREATE TABLE gap (tenant_id INTEGER) STRICT;\n", "migration 3: is missing");
	must_refuse("tables", "tables/indexes.sql", "CREATE TABLE gap (tenant_id INTEGER) STRICT;\n", "the name is NNN-words.sql");
	must_refuse("tables", "tables/002-open.sql", "CREATE TABLE gap (tenant_id INTEGER) STRICT\n", "no semicolon after");
}

CHECK_MAIN
