/* manual.c: what --manual prints: the page moonbill(1) in mdoc, from the rows that --help is made of. */
#include "cli.h"

#include <stdio.h>

/* mandoc asks for lines below 80 bytes. */
enum { LINE_BYTES = 72 };

static void word_print(struct text word)
{
	for (size_t i = 0; i < word.length; i++)
		if (word.data[i] == '\\')
			fputs("\\e", stdout);
		else
			putchar(word.data[i]);
}

static bool ends_sentence(struct text word)
{
	return word.length > 0 && strchr(".?!", word.data[word.length - 1]);
}

/* Each sentence begins a line, as mdoc wants it. */
static void text_print(const char *text)
{
	struct text word, rest = text_of(text);
	size_t column = 0;
	for (bool more = true; more;) {
		more = text_split(rest, ' ', &word, &rest);
		if (word.length == 0)
			continue;
		if (column && column + 1 + word.length > LINE_BYTES) {
			putchar('\n');
			column = 0;
		}
		if (column)
			putchar(' ');
		else if (word.data[0] == '.' || word.data[0] == '\'')
			fputs("\\&", stdout); /* no macro */
		word_print(word);
		column += word.length + 1;
		if (ends_sentence(word) && more) {
			putchar('\n');
			column = 0;
		}
	}
	putchar('\n');
}

/* "--at" is Fl -at: the macro writes the first dash. */
static void options_print(const struct cli_option *options)
{
	for (; options && options->name; options++) {
		printf(".It Fl %s", options->name + 1);
		if (options->value)
			printf(" Ar %s", options->value);
		putchar('\n');
		text_print(options->doc);
	}
}

static void subcommand_print(const struct cli_subcommand *subcommand)
{
	printf(".It Cm %s", subcommand->name);
	if (subcommand->arguments[0])
		printf(" Ar %s", subcommand->arguments);
	putchar('\n');
	text_print(subcommand->doc);
	if (subcommand->options && subcommand->options->name) {
		puts(".Bl -tag -width Ds");
		options_print(subcommand->options);
		puts(".El");
	}
}

static void settings_print(void)
{
	for (size_t i = 0; config_setting_name(i); i++) {
		fputs(".It Ev MOONBILL_", stdout);
		for (const char *at = config_setting_name(i); *at; at++)
			putchar(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
		printf("\nThe setting\n.Ql %s ;\nits default is\n.Ql %s .\n", config_setting_name(i), config_setting_default(i));
	}
}

static void examples_print(void)
{
	puts(".Bd -literal");
	for (size_t i = 0; cli_subcommands[i]; i++) {
		struct text line, rest = text_of(cli_subcommands[i]->example);
		while (text_split(rest, '\n', &line, &rest)) {
			word_print(text_trim(line));
			putchar('\n');
		}
	}
	puts(".Ed");
}

void cli_manual(void)
{
	puts(".Dd November 21, 2026\n.Dt MOONBILL 1\n.Os\n.Sh NAME\n.Nm moonbill\n.Nd a billing runtime whose rules are Lua\n"
	     ".Sh SYNOPSIS\n.Nm\n.Ar subcommand\n.Op Ar options\n.Op Ar arguments\n.Sh DESCRIPTION\n"
	     "One process owns a store, which is a file; the others reach it over a\nsocket beside the file.\n"
	     "The subcommands are:\n.Bl -tag -width Ds");
	for (size_t i = 0; cli_subcommands[i]; i++)
		subcommand_print(cli_subcommands[i]);
	puts(".El\n.Pp\nEach subcommand also takes:\n.Bl -tag -width Ds");
	options_print(cli_common_options);
	puts(".El\n.Sh ENVIRONMENT\nA file of lines\n.Dq name = value\n"
	     "comes first, then the environment, then options: the last one counts.\n.Bl -tag -width Ds\n"
	     ".It Ev MOONBILL_CONFIG\nThe file, when there is no\n.Fl -config .");
	settings_print();
	puts(".It Ev NOTIFY_SOCKET , WATCHDOG_USEC\nSet by systemd, which is told when the server is ready and lives.\n.El\n"
	     ".Sh FILES\n.Bl -tag -width Ds\n.It Pa moonbill.db\nThe store; beside it its log\n.Pq Pa -wal , Pa -shm ,\n"
	     "its lock\n.Pq Pa .lock\nand the socket of the process that serves it\n.Pq Pa .sock .\n.El\n"
	     ".Sh EXIT STATUS\n0 when it is done, 1 when it failed, 2 when the command line or the\nconfiguration is wrong.\n"
	     ".Sh EXAMPLES");
	examples_print();
}
