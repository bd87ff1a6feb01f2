/* config_mail.c: the settings of mail: a folder or a server, who asks it to send, and who sends. */
#include "config_mail.h"

#include "base/arena.h"
#include "billing/mail.h"
#include "control.h"
#include "file.h"

enum { PASSWORD_BYTES_MAX = 4096 };

static const char *unless_none(const struct text setting, struct arena *arena)
{
	return text_is(setting, "none") ? NULL : text_c(arena, setting);
}

static bool is_port(struct text port)
{
	int64_t number;
	return text_to_int64(port, &number) && number > 0 && number < 65536;
}

/* smtp:// or smtps://, a host and perhaps a port; a name and a password in it would be shown by whoever shows it. */
static bool is_server(struct text url)
{
	struct text host, port;
	size_t scheme = text_starts(url, "smtp://") ? 7 : text_starts(url, "smtps://") ? 8 : 0;
	struct text rest = text_slice(url, scheme, url.length);
	bool numbered = rest.length > 0 && rest.data[0] != '[' && text_split(rest, ':', &host, &port);
	for (size_t i = 0; i < rest.length; i++)
		if ((unsigned char)rest.data[i] <= ' ' || strchr("@/?#\\", rest.data[i]))
			return false;
	return scheme > 0 && rest.length > 0 && (!numbered || (host.length > 0 && is_port(port)));
}

static bool server_set(const struct config *config, struct arena *arena, struct problems *problems, struct mail_options *mail)
{
	if (text_is(config->mail, "folder"))
		return true;
	mail->url = text_c(arena, config->mail);
	return is_server(config->mail) ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE,
	                     "Write folder, off, smtp://HOST:587 or smtps://HOST:465; user and password have settings of their own.",
	                     "mail: that is neither folder, off, nor the URL of a mail server");
}

static bool password_set(const struct config *config, struct arena *arena, struct problems *problems, struct mail_options *mail)
{
	struct text read;
	mail->password = unless_none(config->mail_password, arena);
	if (text_is(config->mail_password_file, "none"))
		return true;
	if (mail->password)
		return problem(problems, PROBLEM_CONFIG_INVALID, "", "mail_password and mail_password_file are both set; one is enough");
	if (!file_read(text_c(arena, config->mail_password_file), PASSWORD_BYTES_MAX, arena, problems, &read))
		return false;
	mail->password = text_c(arena, text_trim(read));
	return true;
}

static bool login_check(const struct mail_options *mail, struct problems *problems)
{
	if (!mail->user != !mail->password)
		return problem(problems, PROBLEM_CONFIG_INVALID, "", "mail_user and mail_password go together: %s is missing",
		               mail->user ? "mail_password" : "mail_user");
	return !mail->password || !mail->plain ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", TEXT_NONE, "Set mail_tls = required, or do without a password.",
	                     "mail_tls: a password does not go over a connection without TLS");
}

static bool sender_set(const struct config *config, struct arena *arena, struct problems *problems, struct mail_options *mail)
{
	struct mail_address from;
	mail->from = text_c(arena, config->mail_from);
	return (mail_address_parse(config->mail_from, arena, &from) && !text_present(from.name)) ||
	       problem_value(problems, PROBLEM_CONFIG_INVALID, "", config->mail_from, "Write it as billing@example.com.",
	                     "mail_from: '%.*s' is no address", TEXT_ARG(config->mail_from));
}

/* Beside the store; one in memory has no place, and its mail waits. */
static bool folder_set(const struct config *config, struct arena *arena, struct mail_options *mail)
{
	const char *store = control_store_path(arena, config->db);
	if (!text_is(config->mail_folder, "beside"))
		mail->folder = text_c(arena, config->mail_folder);
	else if (store)
		mail->folder = text_format(arena, "%s-mail", store).data;
	return mail->folder != NULL;
}

bool config_mail(const struct config *config, struct arena *arena, struct problems *problems, struct mail_options *mail, bool *sends)
{
	*mail = (struct mail_options){
		.user = unless_none(config->mail_user, arena),
		.ca_file = unless_none(config->mail_ca_file, arena),
		.plain = text_is(config->mail_tls, "none"),
		.tenants_send = text_is(config->mail_senders, "tenant"),
		.tests_send = text_is(config->mail_tests, "send"),
	};
	bool has_folder = folder_set(config, arena, mail);
	*sends = has_folder && !text_is(config->mail, "off");
	return !*sends || (server_set(config, arena, problems, mail) && password_set(config, arena, problems, mail) &&
	                   login_check(mail, problems) && sender_set(config, arena, problems, mail));
}
