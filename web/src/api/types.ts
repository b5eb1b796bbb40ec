// Names for the contract's types, made from api/openapi.yaml by scripts/prepare.mjs.
import type { components } from "../generated/openapi.ts";

type Schemas = components["schemas"];

export type Money = Schemas["Money"];
export type EventItem = Schemas["EventItem"];
export type EventList = Schemas["EventList"];
export type EventDetail = Schemas["Event"];
export type EventStatus = Schemas["EventStatus"];
export type Sale = Schemas["Sale"];
export type PriceCategory = Schemas["PriceCategory"];
export type Area = Schemas["Area"];
export type Availability = Schemas["Availability"];
export type AreaAvailability = Schemas["AreaAvailability"];
export type StreamAvailability = Schemas["StreamAvailability"];
export type StreamEvent = Schemas["StreamEvent"];
export type HoldRequest = Schemas["HoldRequest"];
export type HoldPatch = Schemas["HoldPatch"];
export type Best = Schemas["Best"];
export type SeatKind = Schemas["SeatKind"];
export type Choice = Schemas["Choice"];
export type CodeOpens = Schemas["CodeOpens"];
export type Hold = Schemas["Hold"];
export type Item = Schemas["Item"];
export type Order = Schemas["Order"];
export type OrderRequest = Schemas["OrderRequest"];
export type OrderState = Schemas["OrderState"];
export type OrderTicket = Schemas["OrderTicket"];
export type Payment = Schemas["Payment"];
export type Ticket = Schemas["Ticket"];
export type MailList = Schemas["MailList"];
export type Mail = Schemas["Mail"];
export type Session = Schemas["Session"];
export type ProblemCode = Schemas["ProblemCode"];
export type ProblemBody = Schemas["Problem"];
export type Venue = Schemas["Venue"];
