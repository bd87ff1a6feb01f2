-- library.lua: what rules can call beside records, for lint.lua and annotations.lua: name = { parameters, result, meaning }.
-- Types are those of LuaLS; a test holds the names against those that a rule finds.

local amount = {
  portion = { "part: integer|decimal, whole: integer|decimal", "exact", "part / whole of it, exact." },
  percent = { "percent: integer|decimal", "exact", "So many hundredths of it, exact." },
  negate = { "", "self", "Less than nothing instead of more." },
  abs = { "", "self", "Without its sign." },
  min = { "other: money|exact", "self", "The lesser one." },
  max = { "other: money|exact", "self", "The greater one." },
  is_zero = { "", "boolean", "Nothing." },
  is_negative = { "", "boolean", "Less than nothing." },
  is_positive = { "", "boolean", "More than nothing." },
  exact = { "", "exact", "The same, which no rounding has touched." },
}

local function with(base, more)
  local all = {}
  for name, entry in pairs(base) do all[name] = entry end
  for name, entry in pairs(more) do all[name] = entry end
  return all
end

return {
  modes = { "half_up", "half_even", "half_down", "up", "down", "ceiling", "floor" },

  functions = {
    assert = { "value: any, message?: string", "any", "Raises when the value is false or nil." },
    error = { "message: any, level?: integer", "nil", "Raises; a pre rule or policy that raises ends its command." },
    ipairs = { "list: any", "fun(): integer, any", "Items 1, 2, 3 ... of a table or a list of records." },
    pairs = { "table: any", "fun(): any, any", "All members in an order that is always the same." },
    pcall = { "call: function, ...: any", "boolean, any", "Calls it and catches what it raises." },
    select = { "from: integer|string, ...: any", "any", "Arguments from there on; \"#\": how many." },
    tonumber = { "value: any, base?: integer", "number?", "A number out of a text." },
    tostring = { "value: any", "string", "As text." },
    type = { "value: any", "string", "\"money\", \"date\" ... for values; else as in Lua." },
    log = { "...: any", "nil", "Writes to the server's log at level debug." },
    rule = { "name: string", "fun(declaration: rule_declaration)", "Declares a rule." },
    require = { "file: string", "any", "What another file of rules/ returns." },
  },

  checks = {
    check = { "name: string", "fun(declaration: check_declaration)", "Declares a check, in the files of checks/." },
  },

  constructors = {
    money = { "amount: string|integer|decimal, currency?: string", "money", "money \"19.99 USD\", money(20, \"USD\")" },
    decimal = { "value: string|integer", "decimal", "decimal \"0.25\", decimal(5)" },
    date = { "text: string|integer, month?: integer, day?: integer", "date", "date \"2011-09-20\", date(2011, 9, 20)" },
    period = { "from: date, finish: date", "period", "Days from the first up to, not including, the second." },
    duration = { "text: string", "duration", "duration \"P1M\", \"P14D\", \"PT6H\"" },
    instant = { "text: string", "instant", "instant \"2011-09-06T15:00:00Z\"" },
  },

  tables = {
    string = {
      byte = { "text: string, from?: integer, to?: integer", "integer", "Bytes as numbers." },
      char = { "...: integer", "string", "A text of bytes." },
      find = { "text: string, pattern: string, from?: integer, plain?: boolean", "integer?, integer?", "Where a pattern is found." },
      format = { "format: string, ...: any", "string", "As in Lua." },
      gmatch = { "text: string, pattern: string", "fun(): string", "All that a pattern finds." },
      gsub = { "text: string, pattern: string, by: string|table|function, most?: integer", "string, integer", "What is found replaced." },
      len = { "text: string", "integer", "Bytes." },
      lower = { "text: string", "string", "In small letters." },
      match = { "text: string, pattern: string, from?: integer", "string?", "What a pattern finds." },
      rep = { "text: string, times: integer, between?: string", "string", "Repeated." },
      reverse = { "text: string", "string", "Backwards." },
      split = { "text: string, separator: string", "string[]", "The pieces around a plain text." },
      sub = { "text: string, from: integer, to?: integer", "string", "A part." },
      upper = { "text: string", "string", "In capitals." },
    },
    table = {
      concat = { "list: any[], between?: string, from?: integer, to?: integer", "string", "Items joined." },
      insert = { "list: any[], place: any, value?: any", "nil", "At a place, or at the end." },
      pack = { "...: any", "table", "Arguments as a table, n their number." },
      remove = { "list: any[], place?: integer", "any", "Takes an item out; the last one without a place." },
      sort = { "list: any[], before?: fun(a: any, b: any): boolean", "nil", "In place." },
      unpack = { "list: any[], from?: integer, to?: integer", "any", "Items as values." },
    },
    math = {
      abs = { "x: number", "number", "Without its sign." },
      ceil = { "x: number", "integer", "The next integer above." },
      floor = { "x: number", "integer", "The next integer below." },
      max = { "x: number, ...: number", "number", "The greatest." },
      maxinteger = { nil, "integer", "The greatest integer." },
      min = { "x: number, ...: number", "number", "The least." },
      mininteger = { nil, "integer", "The least integer." },
      tointeger = { "x: any", "integer?", "As an integer, when it is one." },
      type = { "x: any", "string?", "\"integer\", \"float\" or nil." },
      ult = { "a: integer, b: integer", "boolean", "Less, without signs." },
    },
    utf8 = {
      char = { "...: integer", "string", "A text of code points." },
      codepoint = { "text: string, from?: integer, to?: integer", "integer", "Code points." },
      len = { "text: string", "integer?, integer?", "Characters." },
    },
  },

  values = {
    money = {
      doc = "An amount in whole units of its currency.",
      fields = { amount = { "decimal", "Without the currency." }, currency = { "string", "\"USD\"" }, minor = { "integer", "In the smallest unit." } },
      methods = with(amount, {
        allocate = { "weights: integer[]", "money[]", "Shares by weight that sum up to the whole." },
        round = { "mode?: rounding_mode", "money", "Itself." },
      }),
    },
    exact = {
      doc = "An amount that is not yet rounded: a fraction of a currency.",
      fields = { currency = { "string", "\"USD\"" } },
      methods = with(amount, {
        round = { "mode?: rounding_mode", "money", "In whole units; half_up without a mode." },
        round_to = { "scale: integer, mode?: rounding_mode", "decimal", "With so many decimals, without the currency." },
      }),
    },
    decimal = {
      doc = "A number with decimals, exact.",
      fields = {},
      methods = {
        abs = { "", "decimal", "Without its sign." },
        divide = { "by: integer|decimal, scale: integer, mode?: rounding_mode", "decimal", "The one division: it says how it rounds." },
        equals = { "other: integer|decimal", "boolean", "The same number; == is never true of a decimal and a number." },
        is_negative = { "", "boolean", "Below 0." },
        is_positive = { "", "boolean", "Above 0." },
        is_whole = { "", "boolean", "Without decimals." },
        is_zero = { "", "boolean", "0." },
        max = { "other: integer|decimal", "decimal", "The greater one." },
        min = { "other: integer|decimal", "decimal", "The lesser one." },
        negate = { "", "decimal", "With the other sign." },
        round = { "scale: integer, mode?: rounding_mode", "decimal", "With so many decimals." },
        to_integer = { "", "integer", "As an integer; an error when it is not whole." },
      },
    },
    date = {
      doc = "A day of the calendar.",
      fields = { day = { "integer", "1 to 31" }, month = { "integer", "1 to 12" }, weekday = { "integer", "1: Monday." }, year = { "integer", "" } },
      methods = {
        add_days = { "days: integer", "date", "So many days later." },
        add_months = { "months: integer", "date", "The same day of a later month, or its last one." },
        last_day_of_month = { "", "date", "Of its month." },
        max = { "other: date", "date", "The later one." },
        min = { "other: date", "date", "The earlier one." },
        starts_at = { "zone: string", "instant", "Its midnight in a time zone." },
        with_day = { "day: integer", "date", "That day of its month, or the last one." },
      },
    },
    period = {
      doc = "Days from a first one up to, not including, the finish.",
      fields = { days = { "integer", "How many." }, finish = { "date", "The first day after it." }, first = { "date", "" }, last = { "date", "" } },
      methods = {
        contains = { "day: date", "boolean", "Is it one of these days?" },
        intersect = { "other: period", "period", "The days of both." },
        is_empty = { "", "boolean", "No day." },
      },
    },
    duration = {
      doc = "Months, days and seconds, each for itself.",
      fields = { days = { "integer", "" }, months = { "integer", "" }, seconds = { "integer", "" } },
      methods = {},
    },
    instant = {
      doc = "A moment.",
      fields = {},
      methods = {
        date = { "zone: string", "date", "The day in a time zone." },
        second_of_day = { "zone: string", "integer", "Seconds since midnight there." },
      },
    },
  },

  -- What operators make of values; what is not here is refused when it runs.
  operators = {
    ["+"] = {
      money = { money = "money", exact = "exact" }, exact = { money = "exact", exact = "exact" },
      decimal = { decimal = "decimal", integer = "decimal" }, integer = { decimal = "decimal", integer = "integer", date = "date", instant = "instant" },
      date = { integer = "date", duration = "date" }, instant = { integer = "instant", duration = "instant" },
      duration = { duration = "duration", date = "date", instant = "instant" },
    },
    ["-"] = {
      money = { money = "money", exact = "exact" }, exact = { money = "exact", exact = "exact" },
      decimal = { decimal = "decimal", integer = "decimal" }, integer = { decimal = "decimal", integer = "integer" },
      date = { date = "integer", integer = "date", duration = "date" },
      instant = { instant = "integer", integer = "instant", duration = "instant" },
    },
    ["*"] = {
      money = { integer = "money", decimal = "exact" }, exact = { integer = "exact", decimal = "exact" },
      decimal = { decimal = "decimal", integer = "decimal", money = "exact", exact = "exact" },
      integer = { money = "money", exact = "exact", decimal = "decimal", duration = "duration", integer = "integer" },
      duration = { integer = "duration" },
    },
  },

  -- Members of ctx; `in` lists the moments that have them.
  context = {
    now = { type = "instant", moments = "pre post policy task", doc = "By the tenant's clock." },
    today = { type = "date", moments = "pre post policy task", doc = "By the tenant's clock, in its zone." },
    settings = { type = "table", moments = "pre post policy task", doc = "What is in force; settings.rules is the author's own." },
    fuel_left = { type = "integer", moments = "pre post policy task", doc = "Units of fuel that are left." },
    event = { type = "event_details", moments = "pre post task", doc = "What the event tells beside its subject." },
    reject = { "code: string, message: string", "nil", moments = "pre", doc = "Ends the command with 422; cannot be caught." },
    send = { "channel: string, message: table", "nil", moments = "post task", doc = "Queues a message: ctx:send(\"mail\", { to = ..., template = ... })." },
    command = { "name: string, input: table", "nil", moments = "pre post task", doc = "A command with its input; in a pre rule at once, else queued." },
    note = { "text: string", "nil", moments = "pre post task", doc = "Kept with the run in /v1/rule_runs." },
    random = { "most: integer", "integer", moments = "pre post task", doc = "1 to most; the same when the event is repeated." },
    id = { "", "string", moments = "pre post task", doc = "A UUID; the same when the event is repeated." },
    each = { "record: string, filter?: table", "fun(): table", moments = "task", doc = "Rows whose fields equal the filter's." },
  },
}
