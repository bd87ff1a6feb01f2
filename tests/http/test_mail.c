/* test_mail.c: mail of rules: checked, written by templates, composed, and sent to a real server (aiosmtpd) or into a folder. */
#include "counter.h"

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- a mail server in a process of its own ---- */

struct server {
	pid_t process;
	FILE *answers;
	int input, port;
};

static void server_open(struct server *server, const char *const *words)
{
	int in[2], out[2];
	char line[32];
	const char *arguments[8] = { "/usr/bin/python3", SOURCE_DIR "/tests/smtp" };
	for (int i = 0; words && words[i]; i++)
		arguments[2 + i] = words[i];
	CHECK(pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0);
	server->process = fork();
	if (server->process == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execv(arguments[0], (char *const *)(uintptr_t)arguments);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	server->input = in[1];
	server->answers = fdopen(out[0], "r");
	if (!fgets(line, sizeof line, server->answers) || sscanf(line, "%d", &server->port) != 1)
		CHECK_FAIL("tests/smtp did not start: is python3-aiosmtpd installed? scripts/setup does it%s", "");
}

static void server_close(struct server *server)
{
	close(server->input);
	fclose(server->answers);
	CHECK(waitpid(server->process, NULL, 0) == server->process);
}

/* ---- a disk that hangs ---- */

static atomic_int disk_hangs; /* so many files are not on the disk before it is well */
static atomic_bool disk_well;

int fsync(int file)
{
	int (*real)(int);
	*(void **)&real = dlsym(RTLD_NEXT, "fsync");
	if (atomic_fetch_sub(&disk_hangs, 1) > 0)
		while (!disk_well)
			usleep(10000);
	return real(file);
}

/* ---- a house with mail ---- */

struct house {
	struct counter counter;
	struct mail_options mail;
	char folder[64], url[64], ca_file[128], program[64];
	char line[1 << 20]; /* the mail that came last */
	const struct json *came;
};

static void house_open_with(struct house *house, const struct server *server, struct mail_options mail, bool threads)
{
	snprintf(house->folder, sizeof house->folder, "/tmp/moonbill-mail-XXXXXX");
	CHECK(mkdtemp(house->folder) != NULL && rmdir(house->folder) == 0);
	mail.folder = house->folder;
	mail.from = "billing@house.example";
	if (server) {
		snprintf(house->url, sizeof house->url, "smtp://127.0.0.1:%d", server->port);
		mail.url = house->url;
		mail.tests_send = true;
	}
	house->mail = mail;
	counter_open_mail(&house->counter, ":memory:", threads, &house->mail);
}

static void house_open_to(struct house *house, const struct server *server, struct mail_options mail)
{
	house_open_with(house, server, mail, false);
}

static void house_open(struct house *house, const struct server *server)
{
	house_open_to(house, server, (struct mail_options){ .plain = true, .tenants_send = true });
}

static int folder_count(const char *folder, bool removes)
{
	int count = 0;
	DIR *open = opendir(folder);
	for (struct dirent *entry = open ? readdir(open) : NULL; entry; entry = readdir(open)) {
		char path[400];
		snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
		count += entry->d_name[0] != '.';
		if (removes && entry->d_type == DT_REG)
			CHECK(unlink(path) == 0);
	}
	if (open)
		closedir(open);
	return count;
}

static void house_close(struct house *house)
{
	counter_close(&house->counter);
	folder_count(house->folder, true);
	rmdir(house->folder);
}

/* A bundle of one post rule for account.create with this body, and files in pairs of name and content. */
static void house_rule(struct house *house, const char *body, const char *const *files, int status)
{
	struct text_builder out;
	struct json_writer writer;
	struct arena *arena = &house->counter.arena;
	struct text rule = text_format(arena, "rule 'tell' { post = 'account.create', run = function (account, ctx)\n%s\nend }\n", body);
	builder_init(&out, arena, 0);
	json_writer_init(&writer, &out);
	json_begin_object(&writer);
	json_name(&writer, "files");
	json_begin_object(&writer);
	json_name(&writer, "bundle.json");
	json_c(&writer, "{\"name\":\"mail\"}");
	json_name(&writer, "rules/mail.lua");
	json_string(&writer, rule);
	for (int i = 0; files && files[i]; i += 2) {
		json_name(&writer, files[i]);
		json_c(&writer, files[i + 1]);
	}
	json_end_object(&writer);
	json_end_object(&writer);
	counter_send_text(&house->counter, "PUT", "/v1/bundle", builder_text(&out));
	if (house->counter.reply.status != status)
		CHECK_FAIL("the bundle: %d %.*s", house->counter.reply.status, TEXT_ARG(house->counter.reply.body));
}

static void house_drain(struct house *house)
{
	CHECK(engine_drain(house->counter.engine, house->counter.tenant_id, &house->counter.problems));
}

/* The rule runs for a new account, and what it sent leaves. */
static void account_make(struct house *house, const char *body)
{
	counter_expect(&house->counter, "POST", "/v1/accounts", body, 201);
	house_drain(house);
}

static void mail_take(struct house *house, struct server *server)
{
	if (!fgets(house->line, sizeof house->line, server->answers))
		CHECK_FAIL("no mail came%s", "");
	house->came = json_parse(text_of(house->line), &house->counter.arena, &house->counter.problems);
	CHECK(house->came != NULL);
}

static const char *mail_data(struct house *house)
{
	return json_text(json_member(house->came, "data")).data;
}

#define CHECK_HAS(text, part) CHECK_HAS_((text), (part), true)
#define CHECK_HAS_NOT(text, part) CHECK_HAS_((text), (part), false)
static void CHECK_HAS_(const char *text, const char *part, bool wanted)
{
	if ((strstr(text, part) != NULL) != wanted)
		CHECK_FAIL("%s in it: %s\n%s", wanted ? "not" : "still", part, text);
}

/* The only delivery's member. */
static struct text delivery_text(struct house *house, const char *member)
{
	counter_expect(&house->counter, "GET", "/v1/deliveries", NULL, 200);
	return counter_json(&house->counter, text_format(&house->counter.arena, "items.0.%s", member).data);
}

/* The failure of the rule, as its run keeps it; nothing is sent. */
static void rule_fails_with(const char *body, const char *part)
{
	struct house house;
	house_open(&house, NULL);
	house_rule(&house, body, NULL, 200);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
	counter_expect(&house.counter, "GET", "/v1/rule_runs", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&house.counter, "items.0.outcome"), "failed");
	CHECK_HAS(text_c(&house.counter.arena, counter_json(&house.counter, "items.0.result")), part);
	counter_expect(&house.counter, "GET", "/v1/deliveries", NULL, 200);
	CHECK_EQ_INT(counter_json_count(&house.counter, "items"), 0);
	house_close(&house);
}

/* ---- what is sent ---- */

static const char *const thanks[] = {
	"templates/mail/thanks.txt", "Subject: Thanks, {{name}}\n\nDear {{account.name}},\n{{#lines}}\n- {{.}}\n{{/lines}}\nyours\n",
	"templates/mail/thanks.html", "<p>Dear <b>{{account.name}}</b></p>", NULL,
};

TEST(a_mail_by_a_template_reaches_a_real_server)
{
	struct server server;
	struct house house;
	server_open(&server, NULL);
	house_open(&house, &server);
	house_rule(&house, "ctx:send('mail', { to = account.email, template = 'thanks', name = account.name, account = account, lines = { 'one', 'two' } })",
	           thanks, 200);
	account_make(&house, "{'name':'Bo <b>','email':'bo@there.example'}");
	mail_take(&house, &server);
	CHECK_EQ_TEXT(json_text(json_member(house.came, "from")), "billing@house.example");
	CHECK_EQ_TEXT(json_text(json_item(json_member(house.came, "to"), 0)), "bo@there.example");
	CHECK_HAS(mail_data(&house), "Subject: Thanks, Bo <b>\r\n");
	CHECK_HAS(mail_data(&house), "From: acme <billing@house.example>\r\n");
	CHECK_HAS(mail_data(&house), "Auto-Submitted: auto-generated\r\n");
	CHECK_HAS(mail_data(&house), "Dear Bo <b>,\r\n- one\r\n- two\r\nyours\r\n");
	CHECK_HAS(mail_data(&house), "<p>Dear <b>Bo &lt;b&gt;</b></p>");
	CHECK_HAS(mail_data(&house), "Content-Type: multipart/alternative;");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	CHECK_EQ_TEXT(delivery_text(&house, "answer_status"), "250");
	CHECK_EQ_TEXT(delivery_text(&house, "body.to.0.address"), "bo@there.example");
	house_close(&house);
	server_close(&server);
}

TEST(a_server_with_tls_and_a_login_is_used_with_both)
{
	struct server server;
	struct house house;
	char folder[] = "/tmp/moonbill-tls-XXXXXX";
	CHECK(mkdtemp(folder) != NULL);
	const char *const words[] = { "--tls", folder, "--login", "me:a secret", NULL };
	server_open(&server, words);
	snprintf(house.ca_file, sizeof house.ca_file, "%s/cert.pem", folder);
	house_open_to(&house, &server, (struct mail_options){ .user = "me", .password = "a secret", .ca_file = house.ca_file });
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	mail_take(&house, &server);
	CHECK(json_member(house.came, "tls")->type == JSON_TRUE && json_member(house.came, "login")->type == JSON_TRUE);
	house_close(&house);

	house_open_to(&house, &server, (struct mail_options){ .user = "me", .password = "wrong", .ca_file = house.ca_file });
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending"); /* the password may be mended */
	CHECK_HAS(text_c(&house.counter.arena, delivery_text(&house, "last_error")), "535");
	house_close(&house);

	house_open_to(&house, &server, (struct mail_options){ .user = "me", .password = "a secret" });
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending"); /* nobody vouches for the certificate */
	CHECK_HAS(text_c(&house.counter.arena, delivery_text(&house, "last_error")), "certificate");
	house_close(&house);
	server_close(&server);
	folder_count(folder, true);
	rmdir(folder);
}

TEST(a_server_without_tls_gets_nothing_where_tls_is_required)
{
	struct server server;
	struct house house;
	server_open(&server, NULL);
	house_open_to(&house, &server, (struct mail_options){ .plain = false });
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending");
	CHECK_HAS(text_c(&house.counter.arena, delivery_text(&house, "last_error")), "STARTTLS");
	house_close(&house);
	server_close(&server);
}

TEST(what_is_not_ascii_and_lines_of_any_length_are_encoded)
{
	struct server server;
	struct house house;
	server_open(&server, NULL);
	house_open(&house, &server);
	house_rule(&house, "ctx:send('mail', { to = account.name .. ' <' .. account.email .. '>', subject = 'Grüße an ' .. account.name,\n"
	                   "  body = ('ä'):rep(3000) .. '\\n.\\n\\nFrom x', html = ('x'):rep(9000) })", NULL, 200);
	account_make(&house, "{'name':'Böll, \\\"H\\\"','email':'h@there.example'}");
	mail_take(&house, &server);
	const char *data = mail_data(&house);
	CHECK_HAS(data, "Subject: =?UTF-8?");
	CHECK_HAS(data, "=C3=A4=C3=A4");
	CHECK_HAS(data, "Content-Transfer-Encoding: quoted-printable\r\n");
	size_t longest = 0;
	for (const char *line = data, *end; (end = strstr(line, "\r\n")); line = end + 2)
		longest = (size_t)(end - line) > longest ? (size_t)(end - line) : longest;
	CHECK(longest <= 78);
	CHECK(!strchr(data, '\n') || strstr(data, "\n.\r\n") != NULL); /* the point alone on its line came as it was */
	house_close(&house);
	server_close(&server);
}

TEST(a_message_within_a_message_is_not_encoded)
{
	static const struct { const char *content, *comes; } rows[] = {
		{ "Subject: old\\n\\nbody\\n", "Content-Type: message/rfc822;" },
		{ "Subject: gr\xc3\xbc\xc3\x9f\\n\\nbody\\n", "Content-Type: application/octet-stream;" },
	};
	for (size_t i = 0; i < 2; i++) {
		struct server server;
		struct house house;
		server_open(&server, NULL);
		house_open(&house, &server);
		house_rule(&house, text_format(&house.counter.arena, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B', attachments = {\n"
		           "  { name = 'old.eml', type = 'message/rfc822', content = '%s' } } })", rows[i].content).data, NULL, 200);
		account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
		mail_take(&house, &server);
		CHECK_HAS(mail_data(&house), rows[i].comes);
		CHECK_HAS_(mail_data(&house), "Content-Transfer-Encoding: base64", i == 1);
		CHECK_HAS_(mail_data(&house), "Subject: old\r\n\r\nbody", i == 0);
		house_close(&house);
		server_close(&server);
	}
}

TEST(texts_of_tenants_make_no_headers_and_no_recipients)
{
	struct server server;
	struct house house;
	server_open(&server, NULL);
	house_open(&house, &server);
	house_rule(&house,
	           "ctx:send('mail', { to = account.email, from = 'A X-From: 1 <a@b.example>', subject = 'S\\r\\nBcc: evil@x.example\\r\\n\\r\\nbody',\n"
	           "  body = 'one\\r\\n--=_alternative\\r\\n.\\r\\nMAIL FROM:<x@y>', html = 'h', attachments = { { name = '../../a\\r\\nX-Name: 1.txt', content = 'c' } } })",
	           NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	mail_take(&house, &server);
	CHECK_EQ_INT(json_member(house.came, "to")->count, 1);
	CHECK_HAS_NOT(mail_data(&house), "\nBcc:");
	CHECK_HAS_NOT(mail_data(&house), "\nX-From:");
	CHECK_HAS_NOT(mail_data(&house), "\nX-Name:");
	CHECK_HAS_NOT(mail_data(&house), "../");
	CHECK_HAS(mail_data(&house), "Subject: S  Bcc: evil@x.example    body\r\n");
	CHECK_HAS(mail_data(&house), "--=3D_alternative");
	CHECK_HAS(mail_data(&house), "\r\n--=_alternative_1.1.");
	house_close(&house);
	server_close(&server);
}

TEST(an_invoices_document_goes_with_a_mail)
{
	struct house house;
	char path[200], line[4000];
	bool attached = false;
	house_open(&house, NULL);
	house_rule(&house, "end }\nrule 'send it' { post = 'invoice.create', run = function (invoice, ctx)\n"
	                   "ctx:send('mail', { to = invoice.account.email, subject = 'Invoice ' .. invoice.number, body = 'See the file.',\n"
	                   "  attachments = { { invoice = invoice.id }, { name = 'a.csv', type = 'text/csv', content = 'a,b' } } })", NULL, 200);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
	counter_expect(&house.counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-20','create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
	house_drain(&house);
	struct text id = delivery_text(&house, "id");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	snprintf(path, sizeof path, "%s/%lld-%.*s.eml", house.folder, (long long)house.counter.tenant_id, TEXT_ARG(id));
	FILE *file = fopen(path, "r");
	CHECK(file != NULL);
	while (fgets(line, sizeof line, file))
		attached = attached || strstr(line, "filename=invoice-1019.html") || strstr(line, "filename=\"invoice-1019.html\"");
	fclose(file);
	CHECK(attached);
	house_close(&house);
}

/* Is there such a line in the newest mail of the folder? */
static bool newest_mail_has(struct house *house, const char *sought)
{
	char path[200], line[4000];
	bool found = false;
	struct text id = delivery_text(house, "id");
	snprintf(path, sizeof path, "%s/%lld-%.*s.eml", house->folder, (long long)house->counter.tenant_id, TEXT_ARG(id));
	FILE *file = fopen(path, "r");
	CHECK(file != NULL);
	while (fgets(line, sizeof line, file))
		found = found || strstr(line, sought);
	fclose(file);
	return found;
}

TEST(a_credit_notes_own_document_goes_with_its_mail)
{
	struct house house;
	house_open(&house, NULL);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
	counter_expect(&house.counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-20','create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
	counter_expect(&house.counter, "GET", "/v1/invoices", NULL, 200);
	struct text invoice = counter_json(&house.counter, "items.0.id");
	counter_expect(&house.counter, "POST", text_format(&house.counter.arena, "/v1/invoices/%.*s/credit_notes", TEXT_ARG(invoice)).data,
	               "{'items':[{'position':1,'amount':'3'}]}", 201);
	counter_expect(&house.counter, "POST", "/v1/credit_notes/send", "{'credit_notes':[{'id':1}]}", 200);
	house_drain(&house);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	CHECK(newest_mail_has(&house, "credit-note-CN-1.html"));
	CHECK(!newest_mail_has(&house, "invoice-1019.html"));
	house_close(&house);
}

/* A program in the place of the interpreter that has WeasyPrint. */
static const char *program_write(struct house *house, const char *text)
{
	snprintf(house->program, sizeof house->program, "/tmp/moonbill-program-XXXXXX");
	int file = mkstemp(house->program);
	CHECK(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text) && fchmod(file, 0700) == 0 && close(file) == 0);
	return house->program;
}

/* Each order makes an invoice, and the rule sends it to Ann. */
static void invoice_mails(struct house *house, const char *attachments)
{
	const char *rule = text_format(&house->counter.arena,
	                               "end }\nrule 'send it' { post = 'invoice.create', run = function (invoice, ctx)\n"
	                               "ctx:send('mail', { to = invoice.account.email, subject = 'S', body = 'B', attachments = %s })",
	                               attachments).data;
	house_rule(house, rule, NULL, 200);
	counter_expect(&house->counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
}

static void invoice_make(struct house *house)
{
	counter_expect(&house->counter, "POST", "/v1/orders",
	               "{'account_id':1,'plan':'WHITE-LBL-A','start_date':'2011-09-20','create_invoice':true,'lines':[{'price_code':'MNTHLY','quantity':'1'}]}", 201);
}

static bool folder_has(struct house *house, const char *words)
{
	char command[200];
	snprintf(command, sizeof command, "grep -rq -- '%s' %s", words, house->folder);
	return system(command) == 0;
}

TEST(an_invoice_goes_as_pdf)
{
	struct house house;
	const char *program = program_write(&house, "#!/bin/sh\ngrep -q 1019 || exit 1\nprintf '%%PDF-1.7 of 1019'\n");
	house_open_to(&house, NULL, (struct mail_options){ .pdf_python = program });
	invoice_mails(&house, "{ { invoice = invoice.id, format = 'pdf' }, { invoice = invoice.id } }");
	invoice_make(&house);
	house_drain(&house);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	CHECK(folder_has(&house, "Content-Type: application/pdf"));
	CHECK(folder_has(&house, "filename=invoice-1019.pdf") && folder_has(&house, "filename=invoice-1019.html"));
	CHECK(folder_has(&house, "JVBERi0xLjcgb2YgMTAxOQ==")); /* %PDF-1.7 of 1019 */
	CHECK(unlink(house.program) == 0);
	house_close(&house);
}

TEST(a_pdf_that_cannot_be_made_is_told_tried_again_and_holds_up_no_other_mail)
{
	struct house house;
	house_open_to(&house, NULL, (struct mail_options){ .pdf_python = "/nonexistent/python3" });
	invoice_mails(&house, "{ { invoice = invoice.id, format = 'pdf' } }");
	for (int i = 0; i < DELIVERY_CIRCUIT_FAILURES + 5; i++)
		invoice_make(&house);
	house_drain(&house);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending");
	CHECK_EQ_TEXT(delivery_text(&house, "attempts"), "1");
	CHECK_HAS(text_c(&house.counter.arena, delivery_text(&house, "last_error")),
	          ": documents cannot be made as PDF here: WeasyPrint is not installed. Install the Debian package weasyprint");
	CHECK_EQ_INT(folder_count(house.folder, false), 0);
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Bob','email':'bob@there.example'}");
	CHECK_EQ_INT(folder_count(house.folder, false), 1);
	house_close(&house);
}

/* While one is made the others are sent, and who stops waits for none. */
TEST(a_pdf_that_takes_long_holds_up_neither_other_mail_nor_the_end)
{
	struct house house;
	const char *program = program_write(&house, "#!/bin/sh\nexec sleep 300\n");
	house_open_with(&house, NULL, (struct mail_options){ .pdf_python = program }, true);
	invoice_mails(&house, "{ { invoice = invoice.id, format = 'pdf' } }");
	for (int i = 0; i < 20; i++)
		invoice_make(&house);
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Bob','email':'bob@there.example'}", 201);
	for (int i = 0; i < 1000 && folder_count(house.folder, false) == 0; i++)
		usleep(10000);
	CHECK_EQ_INT(folder_count(house.folder, false), 1);
	int64_t begun_us = clock_monotonic_us();
	house_close(&house);
	CHECK(clock_monotonic_us() - begun_us < 25 * US_PER_S);
	CHECK(unlink(house.program) == 0);
}

/* ---- what is written is written beside the courier's thread ---- */

static void mail_rule(struct house *house)
{
	house_rule(house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
}

static bool is_done(struct house *house)
{
	struct arena_mark mark = arena_mark(&house->counter.arena); /* it is asked many times */
	bool done = text_is(delivery_text(house, "status"), "done");
	arena_rewind(&house->counter.arena, mark);
	return done;
}

/* Two files of a tenant's twenty hang: another's is written meanwhile, and its outcome too. */
TEST(files_that_are_not_written_hold_up_no_other_tenant)
{
	struct house house;
	house_open_with(&house, NULL, (struct mail_options){ .plain = true }, true);
	mail_rule(&house);
	disk_hangs = 2;
	disk_well = false;
	for (int i = 0; i < 20; i++)
		counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
	for (int i = 0; i < 2000 && disk_hangs > 0; i++)
		usleep(10000);
	CHECK_EQ_INT(disk_hangs, 0);
	const struct tenant_created *other = counter_tenant(&house.counter, "other");
	house.counter.tenant_id = other->id;
	house.counter.key = text_c(&house.counter.arena, other->api_key);
	mail_rule(&house);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Bob','email':'bob@there.example'}", 201);
	for (int i = 0; i < 2000 && !is_done(&house); i++)
		usleep(10000);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	disk_well = true;
	house_close(&house);
}

struct attempt {
	struct delivery delivery;
	struct transfer transfer;
	struct arena own; /* as the courier gives one to what a maker has */
	struct text before;
};

static bool attempt_prepare(struct command *view, void *context)
{
	struct attempt *attempt = context;
	attempt->transfer = (struct transfer){ .tenant_id = view->tenant->id, .delivery = &attempt->delivery, .arena = view->arena };
	billing_channels[0][0].prepare(view, &attempt->transfer);
	attempt->before = attempt->transfer.body;
	return true;
}

TEST(nothing_of_a_mail_is_written_before_a_maker_has_it)
{
	struct house house;
	atomic_bool stops = false;
	house_open(&house, NULL);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann','email':'ann@there.example'}", 201);
	invoice_make(&house);
	struct attempt attempt = { .delivery = { .id = 77, .body = TEXT("{\"to\":[{\"address\":\"a@b.example\"}],\"subject\":\"S\",\"body\":\"B\","
	                                                                 "\"attachments\":[{\"invoice_id\":2396}]}") } };
	CHECK(command_read(house.counter.engine, house.counter.tenant_id, &house.counter.arena, &house.counter.problems, attempt_prepare,
	                   &attempt));
	CHECK(arena_init(&attempt.own, ARENA_LIMIT_DEFAULT_BYTES));
	CHECK(attempt.transfer.work == TRANSFER_WORK_SHORT && !text_present(attempt.before) && folder_count(house.folder, false) == 0);
	attempt.transfer.arena = &attempt.own;
	attempt.transfer.work = TRANSFER_WORK_NONE;
	billing_channels[0][0].make(&attempt.transfer, &stops);
	check_note("%.*s", TEXT_ARG(attempt.transfer.outcome.error));
	CHECK(attempt.transfer.outcome.verdict == DELIVERY_DONE && attempt.transfer.met);
	CHECK(folder_has(&house, "filename=invoice-1019.html"));
	arena_finish(&attempt.own);
	house_close(&house);
}

static void *drain_main(void *context)
{
	struct house *house = context;
	struct arena arena;
	struct problems problems;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	problems_init(&problems, &arena);
	engine_drain(house->counter.engine, house->counter.tenant_id, &problems);
	arena_finish(&arena);
	return NULL;
}

/* A stop while a clock moves: its message is as if it had not been tried. */
TEST(a_pdf_of_a_clock_that_moves_is_given_up_when_clocks_stop)
{
	struct house house;
	char begun[64];
	pthread_t thread;
	const char *program = program_write(&house, "#!/bin/sh\ntouch $0.begun\nexec sleep 300\n");
	snprintf(begun, sizeof begun, "%s.begun", program);
	house_open_to(&house, NULL, (struct mail_options){ .pdf_python = program });
	invoice_mails(&house, "{ { invoice = invoice.id, format = 'pdf' } }");
	invoice_make(&house);
	CHECK_EQ_INT(pthread_create(&thread, NULL, drain_main, &house), 0);
	while (access(begun, F_OK) != 0)
		usleep(10000);
	engine_clocks_stop(house.counter.engine);
	CHECK_EQ_INT(pthread_join(thread, NULL), 0);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending");
	CHECK_EQ_TEXT(delivery_text(&house, "attempts"), "0");
	CHECK(unlink(house.program) == 0 && unlink(begun) == 0);
	house_close(&house);
}

TEST(an_attachment_with_a_typo_is_the_failure_of_its_rule)
{
	rule_fails_with("ctx:send('mail', { to = account.email, subject = 'S', body = 'B', attachments = { { invoice = 1, format = 'pfd' } } })",
	                "a document has no format 'pfd' (did you mean 'pdf'?)");
	rule_fails_with("ctx:send('mail', { to = account.email, subject = 'S', body = 'B', attachments = { { invoice = 1, fromat = 'pdf' } } })",
	                "an attachment of this kind has no 'fromat' (did you mean 'format'?)");
}

/* ---- the folder ---- */

TEST(each_mail_is_in_the_folder_once_whatever_is_tried_again)
{
	struct house house;
	house_open(&house, NULL);
	house_rule(&house, "for i = 1, 3 do ctx:send('mail', { to = account.email, subject = 'S', body = 'B' .. i }) end", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_INT(folder_count(house.folder, false), 3);
	struct text id = delivery_text(&house, "id");
	counter_expect(&house.counter, "POST", text_format(&house.counter.arena, "/v1/deliveries/%.*s/retry", TEXT_ARG(id)).data, "{}", 200);
	house_drain(&house);
	CHECK_EQ_INT(folder_count(house.folder, false), 3);
	struct stat status;
	CHECK(stat(house.folder, &status) == 0 && (status.st_mode & 0777) == 0700);
	house_close(&house);
}

TEST(mail_of_test_tenants_stays_in_the_folder_unless_the_process_says_otherwise)
{
	struct house house;
	const struct server nobody = { .port = 1 };
	house_open(&house, &nobody);
	house.mail.tests_send = false;
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	CHECK_EQ_INT(folder_count(house.folder, false), 1);
	house_close(&house);
}

TEST(a_folder_that_cannot_be_written_is_told_and_tried_again)
{
	struct house house;
	house_open(&house, NULL);
	house.mail.folder = "/dev/null/mail";
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending");
	CHECK_EQ_TEXT(delivery_text(&house, "last_error"), "it cannot be written into /dev/null/mail: Not a directory");
	house.mail.folder = house.folder;
	counter_expect(&house.counter, "PUT", "/v1/clock", "{'now':'2011-09-06T15:01:00Z'}", 200);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	house_close(&house);
}

/* ---- who sends ---- */

static void sends_as(bool tenants_send, const char *from, const char *reply_to)
{
	struct server server;
	struct house house;
	server_open(&server, NULL);
	house_open_to(&house, &server, (struct mail_options){ .plain = true, .tenants_send = tenants_send });
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'mail':{'from':'Sky <hello@sky.example>'}}", 200);
	house_rule(&house, "ctx:send('mail', { to = account.email, subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann','email':'ann@there.example'}");
	mail_take(&house, &server);
	CHECK_EQ_TEXT(json_text(json_member(house.came, "from")), "billing@house.example"); /* of the envelope */
	CHECK_HAS(mail_data(&house), from);
	if (reply_to)
		CHECK_HAS(mail_data(&house), reply_to);
	else
		CHECK_HAS_NOT(mail_data(&house), "Reply-To:");
	house_close(&house);
	server_close(&server);
}

TEST(tenants_name_who_sends_or_where_answers_go)
{
	sends_as(true, "From: Sky <hello@sky.example>\r\n", NULL);
	sends_as(false, "From: Sky <billing@house.example>\r\n", "Reply-To: Sky <hello@sky.example>\r\n");
	struct house house;
	house_open(&house, NULL);
	counter_expect(&house.counter, "PATCH", "/v1/settings", "{'mail':{'from':'nobody'}}", 422);
	CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.pointer"), "/settings/mail/from");
	house_close(&house);
}

/* ---- servers that refuse, hang, and never end ---- */

static void ends_within(struct server *server, int64_t timeout_ms, const char *to, const char *status, const char *error)
{
	struct house house;
	house_open(&house, server);
	house.mail.timeout_ms = timeout_ms;
	house_rule(&house, text_format(&house.counter.arena, "ctx:send('mail', { to = '%s@there.example', subject = 'S', body = 'B' })", to).data,
	           NULL, 200);
	account_make(&house, "{'name':'Ann'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), status);
	CHECK_HAS(text_c(&house.counter.arena, delivery_text(&house, "last_error")), error);
	house_close(&house);
}

static void ends_as(struct server *server, const char *to, const char *status, const char *error)
{
	ends_within(server, 0, to, status, error);
}

TEST(what_is_refused_for_good_is_dead_and_what_is_put_off_is_tried_again)
{
	struct server server;
	server_open(&server, NULL);
	ends_as(&server, "refuse", "dead", "550 5.1.1 nobody of that name");
	ends_as(&server, "bytes", "dead", "554 5.6.0 not such bytes");
	ends_as(&server, "rude", "pending", "");
	struct house house;
	house_open(&house, &server);
	house_rule(&house, "ctx:send('mail', { to = 'later@there.example', subject = 'S', body = 'B' })", NULL, 200);
	account_make(&house, "{'name':'Ann'}");
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "pending");
	CHECK_EQ_TEXT(delivery_text(&house, "answer_status"), "451");
	counter_expect(&house.counter, "PUT", "/v1/clock", "{'now':'2011-09-06T16:00:00Z'}", 200);
	CHECK_EQ_TEXT(delivery_text(&house, "status"), "done");
	CHECK_EQ_TEXT(delivery_text(&house, "attempts"), "3");
	mail_take(&house, &server);
	house_close(&house);
	server_close(&server);
}

TEST(a_server_that_refuses_us_or_our_sender_is_asked_again)
{
	static const char *const replies[] = { "530 5.7.0 Authentication required", "550 5.7.1 sender rejected", "554 5.7.1 client blocked" };
	for (size_t i = 0; i < 3; i++) {
		struct server server;
		const char *const words[] = { "--sender", replies[i], NULL };
		server_open(&server, words);
		ends_as(&server, "ann", "pending", replies[i]);
		server_close(&server);
	}
}

TEST(a_server_that_answers_without_end_is_cut_off)
{
	struct server server;
	server_open(&server, NULL);
	ends_as(&server, "endless", "pending", "the answer was longer than 64 KiB");
	server_close(&server);
}

TEST(a_server_that_hangs_is_given_up)
{
	struct server server;
	server_open(&server, NULL);
	ends_within(&server, 1500, "hang", "pending", "did not come to its end in time");
	server_close(&server);
}

/* ---- what is wrong with a mail is told to its rule ---- */

TEST(a_wrong_mail_is_the_failure_of_its_rule)
{
	rule_fails_with("ctx:send('mail', { to = 'Ann', subject = 'S', body = 'B' })", "'Ann' is no address to send mail to");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example\\r\\nRCPT TO:<c@d.example>', subject = 'S', body = 'B' })", "is no address");
	rule_fails_with("ctx:send('mail', { subject = 'S', body = 'B' })", "the mail goes to nobody");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example', body = 'B' })", "subject");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example', subjet = 'S', body = 'B' })", "did you mean 'subject'");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example', template = 'thanks' })", "the bundle has no templates/mail/thanks.txt");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example', subject = 'S', body = 'B', attachments = { { invoice = 77 } } })",
	                "invoice 77 does not exist");
	rule_fails_with("ctx:send('mail', { to = 'a@b.example', subject = 'S', body = 'B', attachments = { { name = 'x' } } })",
	                "an attachment is an invoice or a credit note, or has a name and a content");
	rule_fails_with("local many = {} for i = 1, 51 do many[i] = 'a' .. i .. '@b.example' end\n"
	                        "ctx:send('mail', { to = many, subject = 'S', body = 'B' })", "at most 50");
	rule_fails_with("ctx:send('mial', { to = 'a@b.example' })", "did you mean 'mail'");
}

TEST(templates_are_checked_when_they_are_deployed)
{
	struct house house;
	house_open(&house, NULL);
	const char *const no_subject[] = { "templates/mail/x.txt", "Dear {{name}}\n", NULL };
	house_rule(&house, "", no_subject, 422);
	CHECK_EQ_TEXT(counter_json(&house.counter, "errors.0.pointer"), "/files/templates~1mail~1x.txt");
	const char *const open_section[] = { "templates/mail/x.txt", "Subject: x\n\n{{#lines}}\n", NULL };
	house_rule(&house, "", open_section, 422);
	CHECK_HAS(text_c(&house.counter.arena, counter_json(&house.counter, "errors.0.message")), "templates/mail/x.txt:3: the section 'lines'");
	const char *const alone[] = { "templates/mail/x.html", "<p>", NULL };
	house_rule(&house, "", alone, 422);
	CHECK_HAS(text_c(&house.counter.arena, counter_json(&house.counter, "errors.0.message")), "has no templates/mail/x.txt beside it");
	house_close(&house);
}

TEST(a_name_that_a_mail_lacks_is_told_with_file_line_and_the_nearest)
{
	struct house house;
	const char *const files[] = { "templates/mail/x.txt", "Subject: x\n\nDear {{nmae}}\n", NULL };
	house_open(&house, NULL);
	house_rule(&house, "ctx:send('mail', { to = 'a@b.example', template = 'x', name = 'Ann' })", files, 200);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&house.counter, "GET", "/v1/rule_runs?limit=1", NULL, 200);
	CHECK_HAS(text_c(&house.counter.arena, counter_json(&house.counter, "items.0.result")),
	          "templates/mail/x.txt:3: there is no 'nmae' (did you mean 'name'?)");
	house_close(&house);
}

TEST(lists_within_lists_of_a_template_come_to_an_end)
{
	struct house house;
	const char *const files[] = { "templates/mail/x.txt",
		                      "Subject: x\n\n{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}{{/l}}\n", NULL };
	house_open(&house, NULL);
	house_rule(&house, "local l = {} for i = 1, 100 do l[i] = i end ctx:send('mail', { to = 'a@b.example', template = 'x', l = l })", files, 200);
	counter_expect(&house.counter, "POST", "/v1/accounts", "{'name':'Ann'}", 201);
	counter_expect(&house.counter, "GET", "/v1/rule_runs?limit=1", NULL, 200);
	CHECK_HAS(text_c(&house.counter.arena, counter_json(&house.counter, "items.0.result")), "its sections come to more than 200000 steps");
	house_close(&house);
}

/* ---- addresses ---- */

static bool is_address(const char *text)
{
	struct arena arena;
	struct mail_address address;
	CHECK(arena_init(&arena, ARENA_LIMIT_DEFAULT_BYTES));
	bool good = mail_address_parse(text_of(text), &arena, &address);
	arena_finish(&arena);
	return good;
}

TEST(addresses_are_plain_ones)
{
	static const char *const right[] = { "a@b", "ann.lee+x@mail.example.com", " ann@there.example ", "Ann <ann@there.example>",
		                             "\"Lee, Ann\" <ann@there.example>", "<ann@there.example>", NULL };
	static const char *const wrong[] = { "", "ann", "@b", "ann@", "ann@@b", "a b@c", "ann@b c", ".a@b", "a.@b", "a..b@c", "ann@-b", "ann@b-",
		                             "ann@b..c", "ann@b.", "ann@[127.0.0.1]", "\"a b\"@c", "ann@b>", "<ann@b", "Ann <ann@b> x", "ann@b\n",
		                             "ann@b\r\nX", "änn@b", "ann@bä", "a@b,c@d", "ann@b\t<x", NULL };
	for (int i = 0; right[i]; i++)
		if (!is_address(right[i]))
			CHECK_FAIL("refused: %s", right[i]);
	for (int i = 0; wrong[i]; i++)
		if (is_address(wrong[i]))
			CHECK_FAIL("taken: %s", wrong[i]);
}

CHECK_MAIN
