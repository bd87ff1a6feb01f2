/* test_blu.c: BluBilling's wire, XML and JSON: the walk of the seed, and every refusal in its form. */
#include "counter.h"

#include "event/gateway.h"

#define CUSTOMER                                                                                                   \
	"<customer><name>John Doe</name><status>Active</status><extCustomerRef>JOHNDOE001</extCustomerRef>"        \
	"<locale>en_US</locale><isBusinessAccount>true</isBusinessAccount><currency id=\"USD\"/><billingContact>"  \
	"<username>jdoe001</username><passwd>SECRET-WORD</passwd><accountLocked>true</accountLocked>"              \
	"<firstName>John</firstName><lastName>Doe</lastName><emailPrimary>johndoe@jdoe.com</emailPrimary>"         \
	"<address><city>Chicago</city><countryCode>usa</countryCode></address></billingContact></customer>"
#define LINE "<orderLineItem><position>1</position><quantity>1.0</quantity><priceCode>MNTHLY</priceCode></orderLineItem>"
#define ORDER_OF(start, inside)                                                                                    \
	"<subscriptionOrder>" start "<isAutoRenew>false</isAutoRenew><contractCode>WHITE-LBL-A</contractCode>"     \
	"<orderLineItems>" inside "</orderLineItems></subscriptionOrder>"
#define ORDER ORDER_OF("<orderStatus>Active</orderStatus><startDate>2011-09-20</startDate>", LINE)
#define PAYMENT_OF(amount, card, inside)                                                                           \
	"<processPayment><amount>" amount "</amount><currencyCode>USD</currencyCode><effectiveDate>2011-09-06"     \
	"</effectiveDate><invoices><invoice id=\"2396\"/></invoices><paymentMethodDTO type=\"CreditCard\">"        \
	"<creditCardPaymentMethod>" inside "<cardNumber>" card "</cardNumber><expiry>2014-01-31</expiry>"          \
	"<cardType>Visa</cardType></creditCardPaymentMethod></paymentMethodDTO></processPayment>"
#define PAYMENT PAYMENT_OF("60.50", "4111111111111111", "<autopayPreference>1</autopayPreference>")

/* XML keeps its quotes. */
static void send(struct counter *counter, const char *method, const char *target, const char *body, int status)
{
	counter_send_text(counter, method, target, body ? text_of(body) : TEXT_NONE);
	if (counter->reply.status != status)
		CHECK_FAIL("%s %s\n#   expected: %d\n#   found:    %d %.*s", method, target, status,
		           counter->reply.status, TEXT_ARG(counter->reply.body));
}

/* One error about this field with this code. */
static void check_error(struct counter *counter, const char *code, const char *field)
{
	CHECK_EQ_TEXT(counter->reply.content_type, "text/xml");
	CHECK_EQ_TEXT(counter_xml(counter, "errors/error/code"), code);
	if (field)
		CHECK_EQ_TEXT(counter_xml(counter, "errors/error/field"), field);
	CHECK(counter_xml(counter, "errors/error/message").length > 0);
	CHECK(counter_xml(counter, "errors/error/remedy").length > 0);
}

static void with_customer(struct counter *counter)
{
	counter_open(counter);
	send(counter, "POST", "/rest/customers?format=xml", CUSTOMER, 201);
}

static void with_order(struct counter *counter)
{
	with_customer(counter);
	send(counter, "POST", "/rest/orders?format=xml&extCustomerRef=JOHNDOE001&generateInvoice=true", ORDER, 201);
}

/* ---- customers ---- */

TEST(a_customer_is_made_and_read_by_id_and_reference)
{
	struct counter counter;
	with_customer(&counter);
	CHECK_EQ_TEXT(counter.reply.content_type, "text/xml");
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/@id"), "366");
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/billingContact/address/countryCode"), "usa");
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/billingContact/accountLocked"), "true");
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/financials/outstandingBalance"), "0.00");
	struct text made = counter.reply.body;
	static const char *const targets[] = { "/rest/customer/366", "/rest/customer?extCustomerRef=JOHNDOE001",
		                               "/rest_v1/customer?customerId=366&format=xml" };
	for (size_t i = 0; i < 3; i++) {
		send(&counter, "GET", targets[i], NULL, 200);
		CHECK(text_equals(counter.reply.body, made));
	}
	CHECK(!counter_body_has(&counter, "SECRET") && !counter_body_has(&counter, "passwd"));
	counter_close(&counter);
}

TEST(a_customer_in_json_has_the_same_names)
{
	struct counter counter;
	counter_open(&counter);
	counter_header(&counter, "Content-Type", "application/json");
	counter_expect(&counter, "POST", "/rest/customers?format=json",
	               "{'customer':{'name':'Ann','currency':{'id':'USD'},'isBusinessAccount':false,"
	               "'billingContact':{'firstName':'Ann','passwd':'x','accountLocked':false}}}", 201);
	CHECK_EQ_TEXT(counter.reply.content_type, "application/json");
	CHECK_EQ_TEXT(counter_json(&counter, "customer.id"), "366");
	CHECK_EQ_TEXT(counter_json(&counter, "customer.currency.id"), "USD");
	CHECK_EQ_TEXT(counter_json(&counter, "customer.isBusinessAccount"), "false");
	CHECK_EQ_TEXT(counter_json(&counter, "customer.billingContact.firstName"), "Ann");
	counter_expect(&counter, "GET", "/rest/customers?format=json", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "list.0.name"), "Ann");
	counter_header(&counter, "Content-Type", "application/json");
	counter_expect(&counter, "POST", "/rest/customers?format=json", "{'name':'Bob','extCustomerRef':'B'}", 400);
	CHECK(counter_body_has(&counter, "the document must be an object with one member, 'customer'"));
	counter_close(&counter);
}

TEST(bodies_of_customers_are_checked_whole)
{
	struct counter counter;
	counter_open(&counter);
	static const struct {
		const char *body, *code, *field;
	} bad[] = {
		{ "<customer><name>John", "malformed", NULL },
		{ "<!DOCTYPE c [<!ENTITY e \"x\">]><customer><name>&e;</name></customer>", "malformed", NULL },
		{ "<client/>", "malformed", NULL },
		{ "", "malformed", NULL },
		{ "<customer><billingContact/></customer>", "missing_field", "name" },
		{ "<customer><name>A</name></customer>", "missing_field", "billingContact" },
		{ "<customer><name>A</name><nmae>B</nmae><billingContact/></customer>", "unknown_field", "nmae" },
		{ "<customer><name>A</name><name>B</name><billingContact/></customer>", "invalid_combination", "name" },
		{ "<customer><name>A</name><status>Gone</status><billingContact/></customer>", "unknown_choice",
		  "status" },
		{ "<customer><name>A</name><currency id=\"XXZ\"/><billingContact/></customer>", "unknown_currency",
		  "currency" },
		{ "<customer><name>A</name><isBusinessAccount>maybe</isBusinessAccount><billingContact/></customer>",
		  NULL, "isBusinessAccount" },
		{ "<customer><name x=\"1\">A</name><billingContact/></customer>", "unknown_field", "x" },
		{ "<customer><name><first>A</first></name><billingContact/></customer>", "unknown_field", "first" },
		{ "<customer><name>A</name><billingContact><address><zip>123456789012345678901</zip></address></billingContact>"
		  "</customer>", "too_long", "zip" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i].body);
		send(&counter, "POST", "/rest/customers", bad[i].body, 400);
		if (bad[i].code)
			check_error(&counter, bad[i].code, bad[i].field);
	}
	send(&counter, "GET", "/rest/customers", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "POST", "/rest/customers",
	     "<customer><nmae>A</nmae><status>x</status><billingContact><zip>1</zip></billingContact></customer>", 400);
	CHECK_EQ_INT(counter_xml_count(&counter), 4);
	CHECK(counter_body_has(&counter, "did you mean"));
	counter_close(&counter);
}

TEST(what_is_not_known_is_told_as_it_was_written)
{
	struct counter counter;
	counter_open(&counter);
	send(&counter, "POST", "/rest/customers",
	     "<customer><name>A</name><billingContact><firstName>A</firstName><email>a</email></billingContact></customer>",
	     400);
	check_error(&counter, "unknown_field", "email");
	send(&counter, "GET", "/rest/customers?status=Nope", NULL, 400);
	check_error(&counter, "bad_parameter", "status");
	send(&counter, "POST", "/rest/customers", "<customer>Bob<name>A</name><billingContact/></customer>", 400);
	check_error(&counter, "wrong_type", NULL);
	send(&counter, "POST", "/rest/customers",
	     "<?xml version='1.0'?>\n<!-- a --><?b c?><customer xmlns='urn:x'>\n <name><![CDATA[A & B]]></name>\n"
	     "<!-- d --><billingContact><firstName> A </firstName></billingContact></customer>\n<!-- e -->", 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/name"), "A & B");
	counter_close(&counter);
}

TEST(a_reference_is_used_once)
{
	struct counter counter;
	with_customer(&counter);
	send(&counter, "POST", "/rest/customers", CUSTOMER, 400);
	check_error(&counter, "duplicate", NULL);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), "extCustomerRef");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/value"), "JOHNDOE001");
	send(&counter, "GET", "/rest/customer?extCustomerRef=NOBODY", NULL, 404);
	check_error(&counter, "not_found", "extCustomerRef");
	send(&counter, "GET", "/rest/customer/9", NULL, 404);
	send(&counter, "GET", "/rest/customer", NULL, 400);
	counter_close(&counter);
}

TEST(lists_of_customers_are_paged_searched_and_windowed)
{
	struct counter counter;
	counter_open(&counter);
	for (int i = 0; i < 25; i++) {
		const char *body =
		        text_format(&counter.arena, "<customer><name>N%02d</name><billingContact/></customer>", i).data;
		send(&counter, "POST", "/rest/customers", body, 201);
	}
	static const struct {
		const char *query;
		int count;
	} pages[] = {
		{ "offset=20&max=10", 5 },
		{ "createStartTime=201109060000&createEndTime=201109062359&max=100", 25 },
		{ "createStartTime=201109061501", 0 },
		{ "createEndTime=201109061500", 25 },
		{ "createEndTime=201109061459", 0 },
		{ "search=n1", 10 },
		{ "status=Active", 25 },
		{ "status=Suspended", 0 },
		{ "max=1", 1 },
	};
	for (size_t i = 0; i < sizeof pages / sizeof *pages; i++) {
		check_note("%s", pages[i].query);
		send(&counter, "GET", text_format(&counter.arena, "/rest/customers?%s", pages[i].query).data, NULL,
		     200);
		CHECK_EQ_INT(counter_xml_count(&counter), pages[i].count);
	}
	static const char *const bad[] = { "max=101", "max=0", "offset=-1", "status=active",
	                                   "createStartTime=2011-09-06",
		                           "createStartTime=201113060000", "createEndTime=201109062400", "format=yaml",
		                           "page=1" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i]);
		send(&counter, "GET", text_format(&counter.arena, "/rest/customers?%s", bad[i]).data, NULL, 400);
		check_error(&counter, "bad_parameter", NULL);
	}
	counter_close(&counter);
}

/* ---- orders ---- */

TEST(an_order_shows_its_invoice_and_what_is_to_come)
{
	struct counter counter;
	with_order(&counter);
	static const struct {
		const char *path, *value;
	} shown[] = {
		{ "@id", "381" },
		{ "orderNumber", "1036" },
		{ "orderStatus", "Active" },
		{ "startDate", "2011-09-20" },
		{ "isAutoRenew", "false" },
		{ "contractCode", "WHITE-LBL-A" },
		{ "customer/@id", "366" },
		{ "currency/@id", "USD" },
		{ "totalLifetimeValue", "60.50" },
		{ "nextBillableDate", "2011-10-01" },
		{ "billingPeriod", "Monthly" },
		{ "dueDateValue", "0" },
		{ "dueDateUnits", "Days" },
		{ "isAutoPay", "false" },
		{ "orderLineItems/orderLineItem/quantity", "1.0" },
		{ "invoices/invoice/@id", "2396" },
		{ "invoices/invoice/invoiceNumber", "1019" },
		{ "invoices/invoice/invoiceDate", "2011-09-06" },
		{ "invoices/invoice/outstandingBalance", "60.50" },
		{ "invoices/invoice/status", "Outstanding" },
		{ "invoices/invoice/billingStartDate", "2011-09-01" },
		{ "invoices/invoice/billingEndDate", "2011-09-30" },
	};
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
			check_note("%s", shown[i].path);
			CHECK_EQ_TEXT(counter_xml(&counter, text_format(&counter.arena, "subscriptionOrder/%s",
			                                                shown[i].path).data),
			              shown[i].value);
		}
		send(&counter, "GET", "/rest/order?orderNumber=1036", NULL, 200);
	}
	send(&counter, "GET", "/rest/order/381?format=json", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptionOrder.id"), "381");
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptionOrder.orderLineItems.0.quantity"), "1.0");
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptionOrder.invoices.0.outstandingBalance"), "60.50");
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptionOrder.isAutoPay"), "false");
	counter_close(&counter);
}

TEST(without_generateInvoice_there_is_none)
{
	struct counter counter;
	with_customer(&counter);
	send(&counter, "POST", "/rest/orders?extCustomerRef=JOHNDOE001", ORDER, 201);
	CHECK(!text_present(counter_xml(&counter, "subscriptionOrder/invoices")));
	send(&counter, "POST", "/rest/orders?customerId=366&generateInvoice=false", ORDER, 201);
	send(&counter, "GET", "/rest/invoices", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	send(&counter, "GET", "/rest/orders?extCustomerRef=JOHNDOE001", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 2);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/subscriptionOrder/@id"), "382");
	counter_close(&counter);
}

TEST(a_later_start_waits_in_provisioning_unless_a_status_is_given)
{
	struct counter counter;
	with_customer(&counter);
	send(&counter, "POST", "/rest/orders?customerId=366", ORDER_OF("<startDate>2011-09-20</startDate>", LINE), 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Provisioning");
	send(&counter, "POST", "/rest/orders?customerId=366", ORDER_OF("<orderStatus>Draft</orderStatus>", LINE), 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Draft");
	counter_close(&counter);
}

TEST(orders_that_are_wrong_are_400_with_the_wires_name_of_the_field)
{
	struct counter counter;
	with_customer(&counter);
	static const struct {
		const char *body, *code, *field;
	} bad[] = {
		{ ORDER_OF("", "<orderLineItem><position>1</position><priceCode>MNTHLY</priceCode></orderLineItem>"),
		  "missing_field", "quantity" },
		{ ORDER_OF("", "<orderLineItem><quantity/><priceCode>MNTHLY</priceCode></orderLineItem>"),
		  "missing_field", "quantity" },
		{ ORDER_OF("", "<orderLineItem><quantity>-1</quantity><priceCode>MNTHLY</priceCode></orderLineItem>"),
		  "out_of_range", "quantity" },
		{ ORDER_OF("", "<orderLineItem><quantity>x</quantity><priceCode>MNTHLY</priceCode></orderLineItem>"),
		  "bad_decimal", "quantity" },
		{ ORDER_OF("", "<orderLineItem><quantity>1</quantity><priceCode>MNTHLI</priceCode></orderLineItem>"),
		  "unknown_charge", "priceCode" },
		{ ORDER_OF("<startDate>2011-02-30</startDate>", LINE), "bad_date", "startDate" },
		{ ORDER_OF("<orderStatus>Suspended</orderStatus>", LINE), "unknown_choice", "orderStatus" },
		{ ORDER_OF("<orderStatus>Paused</orderStatus>", LINE), "unknown_choice", "orderStatus" },
		{ ORDER_OF("", ""), "missing_field", "orderLineItems" },
		{ ORDER_OF("<total>5</total>", LINE), "unknown_field", "total" },
		{ "<subscriptionOrder><contractCode>WHITE-LBL-C</contractCode><orderLineItems>" LINE
		  "</orderLineItems></subscriptionOrder>", "unknown_plan", "contractCode" },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i].body);
		send(&counter, "POST", "/rest/orders?extCustomerRef=JOHNDOE001&generateInvoice=true", bad[i].body, 400);
		check_error(&counter, bad[i].code, bad[i].field);
	}
	send(&counter, "POST", "/rest/orders?extCustomerRef=NOBODY", ORDER, 404);
	check_error(&counter, "not_found", "extCustomerRef");
	send(&counter, "POST", "/rest/orders?customerId=9", ORDER, 404);
	check_error(&counter, "not_found", "customerId");
	send(&counter, "POST", "/rest/orders", ORDER, 400);
	check_error(&counter, "missing_field", "extCustomerRef");
	send(&counter, "GET", "/rest/orders", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	counter_close(&counter);
}

TEST(the_customer_may_stand_in_the_body)
{
	struct counter counter;
	with_customer(&counter);
	send(&counter, "POST", "/rest/orders", ORDER_OF("<customer id=\"366\"/>", LINE), 201);
	send(&counter, "POST", "/rest/orders", ORDER_OF("<extCustomerRef>JOHNDOE001</extCustomerRef>", LINE), 201);
	send(&counter, "POST", "/rest/orders?customerId=366", ORDER_OF("<customer id=\"366\"/>", LINE), 201);
	send(&counter, "POST", "/rest/orders?customerId=367", ORDER_OF("<customer id=\"366\"/>", LINE), 400);
	counter_header(&counter, "Content-Type", "application/json");
	counter_expect(&counter, "POST", "/rest/orders?format=json&generateInvoice=1",
	               "{'subscriptionOrder':{'customer':{'id':366},'startDate':'2011-09-20','orderStatus':'Active',"
	               "'contractCode':'WHITE-LBL-A','orderLineItems':[{'quantity':1,'priceCode':'MNTHLY'}]}}", 201);
	CHECK_EQ_TEXT(counter_json(&counter, "subscriptionOrder.invoices.0.outstandingBalance"), "60.50");
	counter_expect(&counter, "POST", "/rest/orders?format=json",
	               "{'subscriptionOrder':{'customer':{'id':366},'orderLineItems':[{'priceCode':'MNTHLY'}]}}", 400);
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.field"), "quantity");
	counter_close(&counter);
}

TEST(a_status_is_put_by_id_and_by_number_and_a_whole_order_may_come_back)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "PUT", "/rest_v1/order/381",
	     "<subscriptionOrder><orderStatus>Suspended</orderStatus></subscriptionOrder>", 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Suspended");
	send(&counter, "PUT", "/rest_v1/order?orderNumber=1036",
	     "<subscriptionOrder><orderStatus>Active</orderStatus></subscriptionOrder>", 200);
	send(&counter, "GET", "/rest/order/381", NULL, 200);
	char *whole = strdup(text_c(&counter.arena, counter.reply.body));
	send(&counter, "PUT", "/rest/order/381", whole, 200);
	memcpy(strstr(whole, "<contractCode>WHITE-LBL-A") + 14, "WHITE-LBL-B", 11);
	send(&counter, "PUT", "/rest/order/381", whole, 400);
	check_error(&counter, "read_only_field", "contractCode");
	free(whole);
	send(&counter, "PUT", "/rest/order/381",
	     "<subscriptionOrder><orderLineItems><orderLineItem><quantity>2</quantity><priceCode>MNTHLY</priceCode>"
	     "</orderLineItem></orderLineItems></subscriptionOrder>", 400);
	check_error(&counter, "read_only_field", "orderLineItems");
	send(&counter, "PUT", "/rest/order/381",
	     "<subscriptionOrder><orderStatus>Paused</orderStatus></subscriptionOrder>", 400);
	check_error(&counter, "unknown_choice", "orderStatus");
	CHECK(counter_body_has(&counter, "Draft, Provisioning, Active, Suspended, Complete, Superseded, Canceled"));
	send(&counter, "PUT", "/rest/order/9",
	     "<subscriptionOrder><orderStatus>Active</orderStatus></subscriptionOrder>", 404);
	send(&counter, "PUT", "/rest/order?orderNumber=9",
	     "<subscriptionOrder><orderStatus>Active</orderStatus></subscriptionOrder>", 404);
	check_error(&counter, "not_found", "orderNumber");
	counter_close(&counter);
}

TEST(an_end_date_is_the_last_day_that_is_served)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "PUT", "/rest/order/381", "<subscriptionOrder><endDate>2011-10-15</endDate></subscriptionOrder>",
	     200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/endDate"), "2011-10-15");
	counter_expect(&counter, "GET", "/v1/orders/381", NULL, 200);
	CHECK_EQ_TEXT(counter_json(&counter, "end_date"), "2011-10-16");
	counter_close(&counter);
}

TEST(actions_change_the_status)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/order/381?action=suspend", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Suspended");
	send(&counter, "POST", "/rest/order?orderNumber=1036&action=cancel", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Canceled");
	send(&counter, "POST", "/rest/order/381?action=activate", NULL, 400);
	check_error(&counter, "wrong_state", NULL);
	send(&counter, "POST", "/rest/order/381?action=fly", NULL, 400);
	send(&counter, "POST", "/rest/orders?action=fly", ORDER, 400);
	send(&counter, "GET", "/rest/invoice/2396", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "invoice/status"), "Outstanding");
	counter_close(&counter);
}

#define CHANGE(old)                                                                                                     \
	"<changeOrder>" old "<changeDate>2011-10-01</changeDate><subscriptionOrder><orderStatus>Active</orderStatus>"   \
	"<startDate>2011-10-01</startDate><contractCode>WHITE-LBL-B</contractCode><orderLineItems>" LINE                \
	"</orderLineItems></subscriptionOrder></changeOrder>"

TEST(a_change_order_replaces_the_old_one)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest_v1/changeOrder", CHANGE("<oldOrder id=\"9\"/>"), 404);
	check_error(&counter, "not_found", "oldOrder");
	send(&counter, "POST", "/rest_v1/changeOrder", CHANGE(""), 400);
	check_error(&counter, "missing_field", "oldOrder");
	send(&counter, "POST", "/rest_v1/changeOrder", "<changeOrder><oldOrder id=\"381\"/></changeOrder>", 400);
	check_error(&counter, "missing_field", "subscriptionOrder");
	send(&counter, "POST", "/rest_v1/changeOrder", CHANGE("<oldOrder id=\"381\"/>"), 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/@id"), "382");
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/supersedesOrder/@id"), "381");
	send(&counter, "GET", "/rest/order/381", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Superseded");
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/supersededByOrder/@id"), "382");
	counter_close(&counter);
}

TEST(an_invoiced_order_cannot_be_deleted_a_draft_can)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "DELETE", "/rest/order/381", NULL, 400);
	check_error(&counter, "wrong_state", NULL);
	send(&counter, "POST", "/rest/orders?customerId=366", ORDER_OF("<orderStatus>Draft</orderStatus>", LINE), 201);
	send(&counter, "DELETE", "/rest/order?orderNumber=1037", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/@id"), "382");
	send(&counter, "GET", "/rest/order/382", NULL, 404);
	counter_close(&counter);
}

/* ---- invoices ---- */

TEST(an_invoice_is_read_by_id_and_number_which_are_not_the_same)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "GET", "/rest/invoice/2396", NULL, 200);
	struct text by_id = counter.reply.body;
	CHECK_EQ_TEXT(counter_xml(&counter, "invoice/totalAmount"), "60.50");
	CHECK_EQ_TEXT(counter_xml(&counter, "invoice/invoiceLineItems/invoiceLineItem/startDate"), "2011-09-20");
	CHECK_EQ_TEXT(counter_xml(&counter, "invoice/invoiceLineItems/invoiceLineItem/endDate"), "2011-09-30");
	send(&counter, "GET", "/rest/invoice?invoiceNumber=1019", NULL, 200);
	CHECK(text_equals(by_id, counter.reply.body));
	send(&counter, "GET", "/rest/invoice/1019", NULL, 404);
	check_error(&counter, "not_found", NULL);
	send(&counter, "GET", "/rest/invoices?status=Outstanding&customerId=366", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 1);
	send(&counter, "GET", "/rest/invoices?customerId=9", NULL, 404);
	counter_close(&counter);
}

TEST(cancelling_an_invoice_suspends_orders_only_when_asked)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "DELETE", "/rest_v1/invoice?invoiceNumber=1019&suspendOrders=maybe", NULL, 400);
	send(&counter, "DELETE", "/rest_v1/invoice?invoiceNumber=1019", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "invoice/status"), "Cancelled");
	CHECK(text_present(counter_xml(&counter, "invoice/invoiceLineItems/invoiceLineItem")));
	send(&counter, "GET", "/rest/order/381", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Active");
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/totalLifetimeValue"), "0.00");
	send(&counter, "DELETE", "/rest_v1/invoice/2396", NULL, 400);
	send(&counter, "DELETE", "/rest_v1/invoice/9", NULL, 404);
	send(&counter, "DELETE", "/rest_v1/invoice", NULL, 400);
	send(&counter, "POST", "/rest/orders?customerId=366&generateInvoice=true", ORDER, 201);
	send(&counter, "DELETE", "/rest_v1/invoice/2397?suspendOrders=true", NULL, 200);
	send(&counter, "GET", "/rest/order/382", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/orderStatus"), "Suspended");
	counter_close(&counter);
}

/* ---- payments ---- */

TEST(a_payment_shows_the_processors_answer_and_where_it_went)
{
	struct counter counter;
	with_order(&counter);
	counter_command(&counter, "fixture.set",
	                "{'gateway':[{'respond':'approved','transaction_id':'2162704713','approval_code':'0S33CM',"
	                "'avs_code':'Y','cvv_code':'X'}]}");
	send(&counter, "POST", "/rest/payments?extCustomerRef=JOHNDOE001", PAYMENT, 201);
	static const struct {
		const char *path, *value;
	} shown[] = {
		{ "@id", "213" },
		{ "isSystemPayment", "true" },
		{ "customer/@id", "366" },
		{ "paymentMethodType", "CreditCard" },
		{ "currency/@id", "USD" },
		{ "amount", "60.50" },
		{ "effectiveDate", "2011-09-06" },
		{ "status", "Paid" },
		{ "paymentType", "Payment" },
		{ "isProcessedByBillingRun", "false" },
		{ "processorResult/@id", "192" },
		{ "processorResult/transactionId", "2162704713" },
		{ "processorResult/isSuccess", "true" },
		{ "processorResult/isError", "false" },
		{ "processorResult/statusCode", "1" },
		{ "processorResult/amount", "60.50" },
		{ "processorResult/avsCode", "Y" },
		{ "processorResult/cvvCode", "X" },
		{ "processorResult/processorRequestType", "AUTH_CAPTURE" },
		{ "processorResult/approvalCode", "0S33CM" },
		{ "processorResult/secondaryAmount", "0.00" },
		{ "paymentMethodContext", "Visa: 1111" },
		{ "invoicePayments/invoicePayment/@id", "171" },
		{ "invoicePayments/invoicePayment/amountApplied", "60.50" },
		{ "invoicePayments/invoicePayment/balance", "0.00" },
		{ "invoicePayments/invoicePayment/invoice/@id", "2396" },
	};
	for (int round = 0; round < 2; round++) {
		for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
			check_note("%s", shown[i].path);
			CHECK_EQ_TEXT(counter_xml(&counter, text_format(&counter.arena, "payment/%s",
			                                                shown[i].path).data),
			              shown[i].value);
		}
		send(&counter, "GET", "/rest/payment/213", NULL, 200);
	}
	send(&counter, "GET", "/rest/payments?status=Paid", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 1);
	send(&counter, "GET", "/rest/refund/213", NULL, 404);
	send(&counter, "GET", "/rest/order/381", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/isAutoPay"), "true");
	CHECK_EQ_TEXT(counter_xml(&counter, "subscriptionOrder/invoices/invoice/status"), "Paid");
	counter_close(&counter);
}

TEST(both_spellings_of_autopay_at_once_are_refused)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/payments?extCustomerRef=JOHNDOE001",
	     PAYMENT_OF("60.50", "4111111111111111",
	                "<autopayPreference>1</autopayPreference><autopayPreferance>2</autopayPreferance>"), 400);
	check_error(&counter, "invalid_combination", NULL);
	send(&counter, "GET", "/rest/payments", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 0);
	counter_close(&counter);
}

TEST(a_declined_payment_is_201_and_says_so)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT_OF("60.50", "4000000000000002", ""), 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/status"), "Failed");
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/processorResult/isSuccess"), "false");
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/processorResult/isError"), "false");
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/processorResult/statusCode"), "2");
	CHECK(!text_present(counter_xml(&counter, "payment/invoicePayments")));
	counter_close(&counter);
}

TEST(what_is_paid_too_much_is_a_credit)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/payments?customerId=366",
	     PAYMENT_OF("100.00", "4111111111111111",
	                "<cvv>737</cvv><nameOnCard>J D</nameOnCard><autopayPreferance>2</autopayPreferance>"),
	     201);
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/unappliedAmount"), "39.50");
	send(&counter, "GET", "/rest/credit/1", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/paymentType"), "Credit");
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/amount"), "39.50");
	send(&counter, "GET", "/rest/credit/2", NULL, 404);
	send(&counter, "GET", "/rest/customer/366", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "customer/financials/creditBalance"), "39.50");
	counter_close(&counter);
}

#define METHOD(type, inside) \
	"<processPayment><amount>1.00</amount><currencyCode>USD</currencyCode><paymentMethodDTO" type ">" inside \
	"</paymentMethodDTO></processPayment>"

TEST(payments_that_are_wrong_are_refused_and_charge_nothing)
{
	struct counter counter;
	with_order(&counter);
	static const struct {
		const char *body, *code, *field;
	} bad[] = {
		{ PAYMENT_OF("0.00", "4111111111111111", ""), NULL, "amount" },
		{ PAYMENT_OF("1.001", "4111111111111111", ""), NULL, "amount" },
		{ PAYMENT_OF("x", "4111111111111111", ""), "bad_decimal", "amount" },
		{ PAYMENT_OF("", "4111111111111111", ""), "missing_field", "amount" },
		{ PAYMENT_OF("1.00", "4111111111111112", ""), NULL, "cardNumber" },
		{ PAYMENT_OF("1.00", "", ""), "missing_field", "cardNumber" },
		{ PAYMENT_OF("1.00", "4111111111111111", "<autopayPreference>4</autopayPreference>"), "out_of_range",
		  "autopayPreference" },
		{ PAYMENT_OF("1.00", "4111111111111111", "<pin>1</pin>"), "unknown_field", "pin" },
		{ METHOD("", ""), "unknown_choice", "type" },
		{ METHOD(" type=\"ACH\"", ""), "unknown_choice", "type" },
		{ METHOD(" type=\"CreditCard\"", ""), "missing_field", "creditCardPaymentMethod" },
		{ METHOD(" type=\"Token\"", "<tokenPaymentMethod id=\"9\"/>"), NULL, NULL },
		{ "<processPayment><amount>1.00</amount><currencyCode>USD</currencyCode></processPayment>",
		  "missing_field", NULL },
	};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		check_note("%s", bad[i].body);
		counter_send_text(&counter, "POST", "/rest/payments?customerId=366", text_of(bad[i].body));
		CHECK(counter.reply.status == 400 || (!bad[i].code && counter.reply.status == 404));
		CHECK(!counter_body_has(&counter, "411111111111111"));
		if (bad[i].code)
			CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/code"), bad[i].code);
		if (bad[i].field)
			CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/field"), bad[i].field);
	}
	send(&counter, "POST", "/rest/payments?customerId=366",
	     "<processPayment><amount>1.00</amount><currencyCode>EUR</currencyCode><invoices><invoice id=\"2396\"/></invoices>"
	     "<paymentMethodDTO type=\"CreditCard\"><creditCardPaymentMethod><cardNumber>4111111111111111</cardNumber>"
	     "<expiry>2014-01-31</expiry></creditCardPaymentMethod></paymentMethodDTO></processPayment>", 400);
	check_error(&counter, "currency_mismatch", NULL);
	send(&counter, "POST", "/rest/payments?extCustomerRef=NOBODY", PAYMENT, 404);
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(counter.engine), counter.tenant_id), 0);
	counter_close(&counter);
}

TEST(a_stored_method_pays_as_a_token)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT, 201);
	send(&counter, "POST", "/rest/payments?customerId=366", METHOD(" type=\"Token\"",
	                                                               "<tokenPaymentMethod id=\"1\"/>"), 201);
	CHECK_EQ_TEXT(counter_xml(&counter, "payment/paymentMethodContext"), "Visa: 1111");
	counter_close(&counter);
}

TEST(a_paid_invoice_is_not_paid_again_nor_cancelled)
{
	struct counter counter;
	with_order(&counter);
	send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT, 201);
	send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT, 400);
	check_error(&counter, "wrong_state", NULL);
	send(&counter, "DELETE", "/rest/invoice/2396", NULL, 400);
	check_error(&counter, "wrong_state", NULL);
	counter_close(&counter);
}

TEST(a_repeated_key_charges_once_here_too)
{
	struct counter counter;
	with_order(&counter);
	struct text first = TEXT_NONE;
	for (int i = 0; i < 2; i++) {
		counter_header(&counter, "Idempotency-Key", "k1");
		send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT, 201);
		CHECK(i == 0 || text_equals(first, counter.reply.body));
		CHECK_EQ_TEXT(counter.reply.content_type, "text/xml");
		first = counter.reply.body;
	}
	CHECK_EQ_INT(gateway_test_calls(engine_gateway_test(counter.engine), counter.tenant_id), 1);
	counter_header(&counter, "Idempotency-Key", "k1");
	send(&counter, "POST", "/rest/payments?customerId=366", PAYMENT_OF("1.00", "4111111111111111", ""), 400);
	check_error(&counter, "idempotency_mismatch", NULL);
	counter_close(&counter);
}

/* ---- plans, forms of answers ---- */

TEST(plans_show_charges_and_tiers_unless_excluded)
{
	struct counter counter;
	counter_open(&counter);
	send(&counter, "GET", "/rest/plan?contractCode=SEATS", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "contractOffering/contractCharges/contractCharge/chargeType"),
	              "RecurringCharge");
	CHECK_EQ_TEXT(counter_xml(&counter, "contractOffering/contractCharges/contractCharge/pricingType"),
	              "TieredPricing");
	CHECK_EQ_TEXT(counter_xml(&counter, "contractOffering/contractCharges/contractCharge/isProrated"), "false");
	CHECK_EQ_TEXT(counter_xml(&counter,
	                          "contractOffering/contractCharges/contractCharge/pricingTiers/pricingTier/unitsFrom"),
	              "1.00");
	struct text by_code = counter.reply.body;
	send(&counter, "GET", "/rest/plan/3", NULL, 200);
	CHECK(text_equals(by_code, counter.reply.body));
	send(&counter, "GET", "/rest/plans?excludeCharges=1", NULL, 200);
	CHECK_EQ_INT(counter_xml_count(&counter), 3);
	CHECK(!counter_body_has(&counter, "contractCharge"));
	send(&counter, "GET", "/rest/plans?offset=1&max=1", NULL, 200);
	CHECK_EQ_TEXT(counter_xml(&counter, "list/contractOffering/contractCode"), "WHITE-LBL-B");
	send(&counter, "GET", "/rest/plan?contractCode=NONE", NULL, 404);
	check_error(&counter, "not_found", "contractCode");
	counter_close(&counter);
}

TEST(a_rules_rejection_is_400_with_its_own_code)
{
	struct counter counter;
	counter_open(&counter);
	counter_expect(&counter, "PUT", "/v1/bundle",
	               "{'files':{'bundle.json':'{\\'name\\':\\'b\\'}','rules/a.lua':'rule \\'no\\' { pre = \\'customer.create\\', "
	               "run = function (c, ctx) ctx:reject(\\'closed\\', \\'We are closed.\\') end }'}}", 200);
	send(&counter, "POST", "/rest/customers", CUSTOMER, 400);
	check_error(&counter, "closed", NULL);
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/message"), "We are closed.");
	counter_close(&counter);
}

TEST(refusals_of_every_kind_have_the_form_that_was_asked_for)
{
	struct counter counter;
	counter_open(&counter);
	send(&counter, "GET", "/rest/nothing?format=json", NULL, 404);
	CHECK_EQ_TEXT(counter.reply.content_type, "application/json");
	CHECK_EQ_TEXT(counter_json(&counter, "errors.0.code"), "not_found");
	send(&counter, "GET", "/rest/customer/366?format=yaml", NULL, 400);
	check_error(&counter, "bad_parameter", "format");
	CHECK_EQ_TEXT(counter_xml(&counter, "errors/error/value"), "yaml");
	send(&counter, "PATCH", "/rest/orders", NULL, 405);
	check_error(&counter, "method_not_allowed", NULL);
	counter.key = NULL;
	send(&counter, "GET", "/rest/orders", NULL, 401);
	check_error(&counter, "unauthorized", NULL);
	counter_close(&counter);
}

CHECK_MAIN
