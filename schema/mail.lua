-- mail.lua: a mail as its delivery keeps it, from ctx:send("mail", {...}) on: docs/mail.md.
-- The shape of a record is told at the head of records.lua.

record "mail_address" {
	doc = "Whom a mail goes to or comes from.",
	{ "address", "text", required = true, min = 3, max = 254, doc = "name@example.com" },
	{ "name", "text", max = 200, doc = "Shown beside it." },
}

record "mail_attachment" {
	doc = "What goes with a mail: the document of an invoice or credit note, or a file of the rule's own.",
	{ "invoice_id", "id", doc = "Its document is written when the mail is sent." },
	{ "credit_note_id", "id", doc = "The same of a credit note." },
	{ "format", "choice", words = { "html", "pdf" }, doc = "Of the document." },
	{ "name", "text", max = 200, doc = "Of the file." },
	{ "type", "text", max = 100, doc = "Media type: text/csv" },
	{ "content", "text", max = 524288, doc = "" },
}

record "mail" {
	doc = "A mail: what was written is kept, whatever becomes of its template.",
	{ "from", "record", of = "mail_address", doc = "Absent: that of the process." },
	{ "reply_to", "record", of = "mail_address", doc = "" },
	{ "to", "list", of = "mail_address", max = 50, doc = "" },
	{ "cc", "list", of = "mail_address", max = 50, doc = "" },
	{ "bcc", "list", of = "mail_address", max = 50, doc = "" },
	{ "subject", "text", required = true, min = 1, max = 500, doc = "" },
	{ "body", "text", required = true, max = 524288, doc = "As text." },
	{ "html", "text", max = 524288, doc = "The same as HTML." },
	{ "attachments", "list", of = "mail_attachment", max = 10, doc = "" },
	{ "template", "text", max = 100, doc = "What it was written by: templates/mail/<template>.txt of the bundle." },
}
