/* test_config.c: the configuration file, the environment, and what they may say. */
#include "leftover.h"

#include "cli/config.h"
#include "cli/config_mail.h"
#include "cli/config_secrets.h"

#include <sys/stat.h>
#include <unistd.h>

struct config_test {
	struct arena arena;
	struct problems problems;
	struct config config;
};

static void test_begin(struct config_test *test)
{
	CHECK(arena_init(&test->arena, 1024 * 1024));
	problems_init(&test->problems, &test->arena);
	config_init(&test->config);
}

static bool test_read(struct config_test *test, const char *source)
{
	return config_read(&test->config, text_of(source), "m.conf", &test->problems);
}

TEST(every_setting_has_a_default)
{
	struct config_test test;
	test_begin(&test);
	CHECK_EQ_TEXT(test.config.db, "./moonbill.db");
	CHECK_EQ_TEXT(test.config.listen, "127.0.0.1:8080");
	CHECK_EQ_INT(test.config.workers, 4);
	CHECK_EQ_INT(test.config.request_timeout_ms, 30000);
	CHECK_EQ_INT(test.config.rate_address, 500);
	CHECK_EQ_TEXT(test.config.unlimited_addresses, "127.0.0.0/8 ::1");
	CHECK_EQ_TEXT(test.config.trusted_proxies, "none");
	CHECK_EQ_INT(config_log_level(&test.config), LOG_INFO);
	arena_finish(&test.arena);
}

TEST(a_tenants_part_of_deliveries_leaves_room_for_others)
{
	struct config_test test;
	test_begin(&test);
	CHECK(config_deliveries_check(&test.config, &test.problems));
	CHECK(test_read(&test, "deliveries_in_flight = 10\ndeliveries_per_tenant = 9") && config_deliveries_check(&test.config, &test.problems));
	CHECK(test_read(&test, "deliveries_per_tenant = 10") && !config_deliveries_check(&test.config, &test.problems));
	CHECK_EQ_C(test.problems.first->message, "deliveries_per_tenant (10) must be less than deliveries_in_flight (10)");
	arena_finish(&test.arena);
}

TEST(a_file_has_lines_of_name_and_value_and_comments)
{
	struct config_test test;
	test_begin(&test);
	CHECK(test_read(&test, "# where\n  db = /tmp/x = y.db \n\nworkers=8\nlog = error"));
	CHECK_EQ_TEXT(test.config.db, "/tmp/x = y.db");
	CHECK_EQ_INT(test.config.workers, 8);
	CHECK_EQ_INT(config_log_level(&test.config), LOG_ERROR);
	arena_finish(&test.arena);
}

TEST(every_wrong_line_is_told_by_its_number)
{
	struct config_test test;
	test_begin(&test);
	CHECK(!test_read(&test, "dbb = x\nworkers = many\nlog = loud\nworkers = 65\nnonsense\n"));
	CHECK_EQ_INT(test.problems.count, 5);
	CHECK_EQ_C(test.problems.first->message, "m.conf:1: there is no setting 'dbb' (did you mean 'db'?)");
	CHECK_EQ_C(test.problems.first->next->message, "m.conf:2: workers must be a whole number between 1 and 64, not 'many'");
	CHECK(text_starts(text_of(test.problems.last->message), "m.conf:5: "));
	arena_finish(&test.arena);
}

TEST(the_environment_overrides_the_file)
{
	struct config_test test;
	test_begin(&test);
	CHECK(test_read(&test, "db = a\nworkers = 2"));
	CHECK(setenv("MOONBILL_DB", "b", 1) == 0);
	CHECK(config_environment(&test.config, &test.problems));
	CHECK_EQ_TEXT(test.config.db, "b");
	CHECK_EQ_INT(test.config.workers, 2);
	CHECK(setenv("MOONBILL_WORKERS", "0", 1) == 0);
	CHECK(!config_environment(&test.config, &test.problems));
	arena_finish(&test.arena);
}

static void listens_on(const char *listen, const char *host, int port)
{
	struct config_test test;
	const char *found_host;
	int found_port;
	test_begin(&test);
	check_note("%s", listen);
	CHECK(config_listen("listen", text_of(listen), &test.arena, &test.problems, &found_host, &found_port));
	CHECK_EQ_C(found_host, host);
	CHECK_EQ_INT(found_port, port);
	arena_finish(&test.arena);
}

TEST(an_address_is_a_host_and_a_port)
{
	listens_on("127.0.0.1:8080", "127.0.0.1", 8080);
	listens_on("[::1]:0", "::1", 0);
	listens_on(":65535", "0.0.0.0", 65535);
	listens_on("[fe80::1%lo]:1", "fe80::1%lo", 1);
}

TEST(what_is_no_address_is_refused)
{
	static const char *const bad[] = { "", "host", "host:", "host:65536", "host:-1", "host:http", "8080", "localhost:80",
		                           "1.2.3:80", "1.2.3.4:", "[::1]", "127.0.0.1:80 " };
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct config_test test;
		const char *host;
		int port;
		test_begin(&test);
		check_note("%s", bad[i]);
		CHECK(!config_listen("metrics_listen", text_of(bad[i]), &test.arena, &test.problems, &host, &port));
		CHECK(strncmp(test.problems.first->message, "metrics_listen: '", 17) == 0);
		arena_finish(&test.arena);
	}
}

/* ---- mail ---- */

static bool mail_of(struct config_test *test, const char *source, struct mail_options *mail)
{
	bool sends;
	test_begin(test);
	CHECK(test_read(test, source));
	return config_mail(&test->config, &test->arena, &test->problems, mail, &sends) && sends;
}

TEST(mail_goes_into_a_folder_beside_the_store_unless_a_server_is_named)
{
	struct config_test test;
	struct mail_options mail;
	CHECK(mail_of(&test, "db = /tmp/x.db\n", &mail));
	CHECK(mail.url == NULL && mail.password == NULL && !mail.plain && mail.tenants_send && !mail.tests_send);
	CHECK_EQ_C(mail.folder, "/tmp/x.db-mail");
	arena_finish(&test.arena);
	CHECK(mail_of(&test, "mail = smtp://mail.example.com:587\nmail_folder = /tmp/m\nmail_user = me\nmail_password = a b\nmail_senders = operator\n", &mail));
	CHECK_EQ_C(mail.url, "smtp://mail.example.com:587");
	CHECK_EQ_C(mail.password, "a b");
	CHECK_EQ_C(mail.folder, "/tmp/m");
	CHECK(!mail.tenants_send);
	arena_finish(&test.arena);
	CHECK(!mail_of(&test, "mail = off\n", &mail) && test.problems.count == 0);
	arena_finish(&test.arena);
	CHECK(!mail_of(&test, "db = :memory:\n", &mail) && test.problems.count == 0);
	arena_finish(&test.arena);
}

static void mail_fails(const char *source, const char *message)
{
	struct config_test test;
	struct mail_options mail;
	CHECK(!mail_of(&test, source, &mail));
	CHECK_EQ_INT(test.problems.count, 1);
	CHECK_EQ_C(test.problems.first->message, message);
	CHECK(strstr(test.problems.first->message, "s3cret") == NULL);
	CHECK(!text_present(test.problems.first->value) || strstr(text_c(&test.arena, test.problems.first->value), "s3cret") == NULL);
	arena_finish(&test.arena);
}

TEST(what_is_wrong_with_mail_is_told_without_the_password)
{
	const char *server = "mail: that is neither folder, off, nor the URL of a mail server";
	mail_fails("mail = foldr\n", server);
	mail_fails("mail = http://mail.example.com\n", server);
	mail_fails("mail = smtp://me:s3cret@mail.example.com\n", server);
	mail_fails("mail = smtp://mail.example.com:0\n", server);
	mail_fails("mail = smtp://mail.example.com\nmail_password = s3cret\n", "mail_user and mail_password go together: mail_user is missing");
	mail_fails("mail = smtp://mail.example.com\nmail_user = me\n", "mail_user and mail_password go together: mail_password is missing");
	mail_fails("mail = smtp://a\nmail_user = me\nmail_password = s3cret\nmail_tls = none\n",
	           "mail_tls: a password does not go over a connection without TLS");
	mail_fails("mail = smtp://a\nmail_password = s3cret\nmail_password_file = /tmp/s3\n",
	           "mail_password and mail_password_file are both set; one is enough");
	mail_fails("mail_from = Ann\n", "mail_from: 'Ann' is no address");
}

/* ---- keys ---- */

TEST(nothing_of_a_file_of_keys_stays_in_memory_but_the_keys)
{
	static char path[] = "/tmp/moonbill-key-XXXXXX", line[64];
	struct config_test test;
	struct seal_keys keys;
	test_begin(&test);
	int file = mkstemp(path);
	snprintf(line, sizeof line, "%s", seal_key_new(&test.arena).data);
	CHECK(file >= 0 && write(file, line, strlen(line)) == (ssize_t)strlen(line) && close(file) == 0);
	CHECK(config_set(&test.config, TEXT("secrets_key_file"), text_of(path), "test", &test.problems));
	const char *begin = leftover_begin(&test.arena);
	CHECK(config_secrets(&test.config, &test.arena, &test.problems, &keys) && keys.count == 1);
	CHECK(!leftover(&test.arena, begin, line, strlen(line)));
	CHECK(!leftover(&test.arena, begin, keys.items[0].bytes, SEAL_KEY_BYTES));
	CHECK(unlink(path) == 0);
	arena_finish(&test.arena);
}

CHECK_MAIN
