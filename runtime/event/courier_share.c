/* courier_share.c: whose turn it is to send, and how much of the room a tenant and each of its lanes may take.
 *
 * N transfers at once (in_flight_most). A tenant that sends alone has at most P of them (tenant_flight_most); a quarter of the
 * others is for those that have nothing under way, and for nobody else: A = N - (N - P)/4 are shared. For any number of
 * tenants P is held in one form: who has f under way may begin one more while
 *
 *     f * (A - P) < left * P          left: what of A nobody has under way
 *
 * so who comes later always finds a part of the same kind, what one leaves is there for all, and when all share A some of it is
 * left. Lanes share what their tenant has left in the same way, LANE_SHARE for one; the last of it is for a lane that has none.
 */
#include "courier_state.h"

enum {
	SEND_AT_ONCE_MAX = 64, /* of a lane in a round: then another has its turn */
	LANE_SHARE = 3,        /* times what is left to its tenant, that a lane may have under way */
};

struct sender *sender_find(const struct courier *courier, int64_t tenant_id)
{
	struct sender *sender = courier->senders;
	while (sender && sender->tenant_id != tenant_id)
		sender = sender->next;
	return sender;
}

/* ---- room ---- */

static int64_t shared_by_all(const struct courier *courier)
{
	return (int64_t)(courier->in_flight_most - (courier->in_flight_most - courier->tenant_flight_most + 3) / 4);
}

/* What is left to a sender that has something under way; shared_by_all is one transfer. */
static int64_t room_left(const struct courier *courier, const struct sender *sender)
{
	const int64_t all = shared_by_all(courier), most = (int64_t)courier->tenant_flight_most;
	return (all - (int64_t)courier->in_flight) * most - (int64_t)sender->flying * (all - most);
}

bool sender_has_room(const struct courier *courier, const struct sender *sender)
{
	return courier->in_flight < courier->in_flight_most && (sender->flying == 0 || room_left(courier, sender) > 0);
}

bool lane_has_room(const struct courier *courier, const struct lane *lane)
{
	const int64_t one = shared_by_all(courier);
	return sender_has_room(courier, lane->sender) &&
	       (lane->flying == 0 || (int64_t)lane->flying * one < LANE_SHARE * (room_left(courier, lane->sender) - one));
}

/* ---- turns ---- */

/* Without room nothing is read either: memory holds what is under way and little more. */
static void lane_send(struct courier *courier, struct lane *lane)
{
	if (lane_has_room(courier, lane))
		lane_feed(courier, lane);
	for (int i = 0; i < SEND_AT_ONCE_MAX && lane_has_room(courier, lane) && lane_may_send(lane, clock_monotonic_us()); i++) {
		if (changes_wait(courier))
			return;
		run_begin(courier, lane_take(lane));
	}
}

/* Behind the lane that took its sender's last room the next round begins: none waits for ever behind others. */
static void sender_send(struct courier *courier, struct sender *sender)
{
	struct lane *first = sender->turn ? sender->turn : sender->lanes, *lane = first;
	do {
		bool had_room = sender_has_room(courier, sender);
		lane_send(courier, lane);
		lane = lane->next ? lane->next : sender->lanes;
		if (had_room && !sender_has_room(courier, sender))
			sender->turn = lane;
	} while (lane != first);
}

/* The same among senders, where there is none left at all. */
void lanes_send(struct courier *courier)
{
	struct sender *first = courier->turn ? courier->turn : courier->senders, *sender = first;
	for (bool more = sender != NULL; more; more = sender != first) {
		bool had_room = courier->in_flight < courier->in_flight_most;
		sender_send(courier, sender);
		sender = sender->next ? sender->next : courier->senders;
		if (had_room && courier->in_flight == courier->in_flight_most)
			courier->turn = sender;
	}
}
