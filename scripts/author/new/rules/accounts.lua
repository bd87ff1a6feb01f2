-- accounts.lua: who may become a customer.

rule "accounts have an address for mail" {
  pre = "account.create",
  doc = "Invoices go by mail, so an account without an address cannot be billed.",
  ---@param account account
  ---@param ctx context
  run = function (account, ctx)
    if not account.email then
      ctx:reject("email_required", "Give an address for mail: invoices are sent there.")
    end
  end,
}
