// Written by `npm run types` from docs/openapi.json; not edited by hand.
export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AcceptanceRequest
         * @description The person's yes.
         */
        AcceptanceRequest: {
            /**
             * Accept Warnings
             * @description Codes that a 409 `warning_not_accepted` named
             */
            accept_warnings?: string[];
        };
        /**
         * AccountCreate
         * @description A new account of a wallet.
         */
        AccountCreate: {
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Path
             * @description BIP-32 path; by default the chain's next free one
             * @example m/44'/60'/0'/0/0
             */
            path?: string | null;
            /**
             * Scheme
             * @description See /wallets/schemes; by default the chain's first
             * @example ledger-live
             */
            scheme?: string | null;
            /** Label */
            label?: string | null;
        };
        /**
         * AccountRead
         * @description An account on one chain.
         */
        AccountRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Wallet Id
             * Format: uuid
             */
            wallet_id: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Account
             * @description CAIP-10
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /**
             * Address
             * @example 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            address: string;
            /**
             * Label
             * @example Account 1
             */
            label: string;
            /**
             * Path
             * @example m/44'/60'/0'/0/0
             */
            path: string;
            /**
             * Scheme
             * @description Whose way of counting the path follows; see /wallets/schemes
             * @example bip44
             */
            scheme: string;
        };
        /**
         * ActKind
         * @enum {string}
         */
        ActKind: "fund" | "pause" | "resume" | "reclaim" | "drop";
        /**
         * ActRead
         * @description An act on one chain and what became of it.
         */
        ActRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            kind: components["schemas"]["ActKind"];
            status: components["schemas"]["ActStatus"];
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
            /** Tx Hash */
            tx_hash: string | null;
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /** Created At */
            created_at: string;
        };
        /**
         * ActStatus
         * @enum {string}
         */
        ActStatus: "requested" | "in_flight" | "done" | "failed";
        /**
         * ActivityNote
         * @description What the caller wants to remember of it.
         */
        ActivityNote: {
            /**
             * Note
             * @example Lunch with Wang
             */
            note: string;
        };
        /**
         * ActivityPage
         * @description A part of the list, newest first.
         */
        ActivityPage: {
            /** Items */
            items: components["schemas"]["ActivityRead"][];
            /** Next Cursor */
            next_cursor: string | null;
            /**
             * Unavailable
             * @description Chains (CAIP-2) that could not be asked just now: more may follow
             */
            unavailable: string[];
        };
        /**
         * ActivityRead
         * @description Something that happened to one of the caller's accounts, or is about to.
         */
        ActivityRead: {
            /** Id */
            id: string;
            /**
             * At
             * @description Block time once it is in a block
             */
            at: string;
            /**
             * Kind
             * @example voucher.redeemed
             */
            kind: string;
            state: components["schemas"]["ActivityState"];
            direction: components["schemas"]["Direction"];
            /**
             * Text
             * @description In the caller's language
             * @example 使用券“满100减20”，优惠 20 CNY
             */
            text: string;
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
            /** Chain */
            chain: string;
            /** Tx Hash */
            tx_hash: string | null;
            /** Height */
            height: number | null;
            amount: components["schemas"]["FigureRead"] | null;
            /** @description What the account paid for the transaction */
            fee: components["schemas"]["FigureRead"] | null;
            /** Counterparty */
            counterparty: string | null;
            /**
             * Facts
             * @description `title`, `known_as`, `shop`, `order`, `voucher`, `order_hash`, `payment`, `reason`, `faucet`, …
             */
            facts: {
                [key: string]: string;
            };
            /**
             * Note
             * @description The caller's own
             */
            note: string | null;
        };
        /**
         * ActivityState
         * @enum {string}
         */
        ActivityState: "waiting" | "pending" | "done" | "failed" | "cancelled" | "reversed";
        /**
         * AddressCreate
         * @description An address of one of the wallet's own keys on a network without a node of ours.
         */
        AddressCreate: {
            /**
             * Network
             * @description CAIP-2
             * @example bip122:000000000019d6689c085ae165831e93
             */
            network: string;
            /**
             * Scheme
             * @description See /wallets/schemes; by default the first
             */
            scheme?: string | null;
            /**
             * Path
             * @description By default the next free one of the scheme
             */
            path?: string | null;
            /** Label */
            label?: string | null;
        };
        /**
         * AddressRead
         * @description An address that nothing is sent from here.
         */
        AddressRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Wallet Id
             * Format: uuid
             */
            wallet_id: string;
            /**
             * Network
             * @description CAIP-2
             * @example bip122:000000000019d6689c085ae165831e93
             */
            network: string;
            /** Address */
            address: string;
            /**
             * Scheme
             * @example bip84
             */
            scheme: string;
            /**
             * Path
             * @description Of its key in its wallet; null where only the address is known
             */
            path: string | null;
            /** Label */
            label: string;
            /**
             * Watch Only
             * @description The key is elsewhere
             */
            watch_only: boolean;
        };
        /**
         * AlarmRead
         * @description A divergence that the continuous reconciliation found.
         */
        AlarmRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            /** Fault */
            fault: string;
            /** Subject */
            subject: string;
            /** Expected */
            expected: string;
            /** Found */
            found: string;
            /** Height */
            height: number;
            /** Found At */
            found_at: string;
            /** Cleared At */
            cleared_at: string | null;
        };
        /**
         * AlertRead
         * @description What the rules told, and what was said of it.
         */
        AlertRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Tenant Id
             * Format: uuid
             * @description The person or the organisation that it is for
             */
            tenant_id: string;
            source: components["schemas"]["Source"];
            /**
             * Subject
             * @description A payment's or a request's id, or the name of a burst of payments or of a pattern of orders
             */
            subject: string;
            /**
             * Account
             * @description CAIP-10
             */
            account: string | null;
            /** Score */
            score: number;
            /** @description alert: told; blocked: not signed; frozen: not signed, and the account frozen */
            verdict: components["schemas"]["Verdict"];
            /** Findings */
            findings: components["schemas"]["api__schemas__alerts__FindingRead"][];
            /** Created At */
            created_at: string;
            /** Acknowledged At */
            acknowledged_at: string | null;
            /** Acknowledged By */
            acknowledged_by: string | null;
            /** Overrides */
            overrides: components["schemas"]["OverrideRead"][];
        };
        /**
         * AnalyticsRead
         * @description All figures of one campaign; money in minor units of its currency.
         */
        AnalyticsRead: {
            /** Campaign */
            campaign: string;
            /** Currency */
            currency: string;
            by: components["schemas"]["By"];
            /** Zone */
            zone: string;
            total: components["schemas"]["FunnelRead"];
            /** Rows */
            rows: components["schemas"]["FunnelRead"][];
            cost: components["schemas"]["api__schemas__analytics__CostRead"];
            uplift: components["schemas"]["UpliftRead"];
            repeat: components["schemas"]["RepeatRead"];
            /** Stock */
            stock: components["schemas"]["StockRead"][];
            /** Gifts */
            gifts: components["schemas"]["GiftTakeUpRead"][];
            /** Liability */
            liability: components["schemas"]["LiabilityDayRead"][];
        };
        /**
         * AnswerBody
         * @description Your organisation's word; it stands.
         */
        AnswerBody: {
            /** Accept */
            accept: boolean;
        };
        /**
         * ApiKeyCreate
         * @description A key for a program.
         */
        ApiKeyCreate: {
            /**
             * Label
             * @example Shop server
             */
            label: string;
            /**
             * Scopes
             * @description By resource
             * @example [
             *       "orders:read",
             *       "orders:write"
             *     ]
             */
            scopes: ("activity:read" | "activity:write" | "alerts:read" | "assets:read" | "assets:write" | "audit:read" | "campaigns:read" | "campaigns:write" | "chains:read" | "claims:read" | "claims:write" | "events:read" | "freezes:read" | "gifts:read" | "gifts:write" | "orders:read" | "orders:write" | "organisations:read" | "payment-requests:read" | "payment-requests:write" | "points:read" | "points:write" | "policies:read" | "refunds:read" | "refunds:write" | "settlements:read" | "settlements:write" | "solana-pay:read" | "solana-pay:write" | "swaps:read" | "swaps:write" | "transfers:read" | "transfers:write" | "vouchers:read" | "vouchers:write" | "wallets:read" | "webhooks:read" | "webhooks:write")[];
            /**
             * Organisation Id
             * @description What it acts for; null: for your own things, and no organisation's
             */
            organisation_id?: string | null;
            /**
             * Networks
             * @description Empty: usable from anywhere
             * @default []
             * @example [
             *       "192.0.2.0/24"
             *     ]
             */
            networks?: string[];
            /**
             * Days
             * @description Until it ends by itself
             * @default 90
             */
            days?: number;
        };
        /**
         * ApiKeyMade
         * @description A fresh key.
         */
        ApiKeyMade: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Label
             * @example Shop server
             */
            label: string;
            /** Scopes */
            scopes: string[];
            /** Organisation Id */
            organisation_id: string | null;
            /** Networks */
            networks: string[];
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            /**
             * Last Used At
             * @description To the minute
             */
            last_used_at: string | null;
            /**
             * Token
             * @description For `Authorization: Bearer`; shown this once
             * @example qbk_…
             */
            token: string;
        };
        /**
         * ApiKeyRead
         * @description One key, without its text.
         */
        ApiKeyRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Label
             * @example Shop server
             */
            label: string;
            /** Scopes */
            scopes: string[];
            /** Organisation Id */
            organisation_id: string | null;
            /** Networks */
            networks: string[];
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            /**
             * Last Used At
             * @description To the minute
             */
            last_used_at: string | null;
        };
        /**
         * ApprovalBody
         * @description A word about exactly one payment.
         */
        ApprovalBody: {
            /**
             * Payload Hash
             * @description Of the payment that was shown; another one is refused
             */
            payload_hash: string;
            /**
             * Decision
             * @default approve
             * @enum {string}
             */
            decision?: "approve" | "refuse";
            /**
             * Code
             * @description Of the caller's authenticator, where one is set up
             */
            code?: string | null;
        };
        /**
         * ApprovalKind
         * @enum {string}
         */
        ApprovalKind: "allowance" | "operator" | "permit2" | "delegation";
        /**
         * ApprovalRequest
         * @description Who may take how much: `base_units`, or everything with `unlimited`.
         */
        ApprovalRequest: {
            /**
             * Account
             * @description CAIP-10, one of the caller's
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /**
             * Kind
             * @description operator: every token of a collection, which is never exact
             * @default allowance
             * @enum {string}
             */
            kind?: "allowance" | "operator";
            /**
             * Token
             * @description CAIP-10
             */
            token: string;
            /**
             * Spender
             * @description CAIP-10
             */
            spender: string;
            /**
             * Base Units
             * @description Of an allowance
             * @example 1000000
             */
            base_units?: string | null;
            /**
             * Unlimited
             * @description Needs `unlimited_approval` among the accepted warnings
             * @default false
             */
            unlimited?: boolean;
            /**
             * Accept Warnings
             * @example [
             *       "unlimited_approval"
             *     ]
             */
            accept_warnings?: string[];
        };
        /**
         * ApprovalsRead
         * @description Everything that others may take from one account.
         */
        ApprovalsRead: {
            /** Items */
            items: components["schemas"]["api__schemas__assets__ApprovalRead"][];
            /**
             * Complete
             * @description False: more of the history is left to read; ask again
             */
            complete: boolean;
        };
        /**
         * ApprovedRead
         * @description Where it stands after the word.
         */
        ApprovedRead: {
            /**
             * Payment Id
             * Format: uuid
             */
            payment_id: string;
            /** Status */
            status: string;
        };
        /**
         * AskedFor
         * @enum {string}
         */
        AskedFor: "payment" | "message" | "typed_data";
        /**
         * AskedPaymentRead
         * @description What it asks for; nothing is paid yet.
         */
        AskedPaymentRead: {
            form: components["schemas"]["LinkForm"];
            /**
             * Account
             * @description CAIP-10, who would be paid
             */
            account: string;
            /**
             * Asset
             * @description CAIP-19; null: the payer chooses
             */
            asset: string | null;
            /** Symbol */
            symbol: string | null;
            /** Decimals */
            decimals: number | null;
            /** @description null: the payer chooses */
            amount: components["schemas"]["ChainAmount"] | null;
            /**
             * Label
             * @description What the asker says; nobody has checked it
             */
            label: string | null;
            /** Message */
            message: string | null;
            /** Memo */
            memo: string | null;
            /**
             * References
             * @description Solana keys that the payment must name; a plain transfer does not
             */
            references: string[];
            /**
             * Own
             * @description It is one of the caller's own accounts
             */
            own: boolean;
            /**
             * Known As
             * @description In the caller's address book
             */
            known_as: string | null;
        };
        /**
         * AssetRead
         * @description A coin or token worth showing.
         */
        AssetRead: {
            /**
             * Asset
             * @description CAIP-19
             * @example eip155:31337/slip44:60
             */
            asset: string;
            /**
             * Symbol
             * @example ETH
             */
            symbol: string;
            /**
             * Decimals
             * @example 18
             */
            decimals: number;
        };
        /**
         * AttemptRead
         * @description One request.
         */
        AttemptRead: {
            /** Number */
            number: number;
            /** At */
            at: string;
            /**
             * Answer
             * @description HTTP status; null: there was no answer
             */
            answer: number | null;
            /**
             * Problem
             * @description `timeout`, `no_answer`, `address_refused` or `secret_missing`
             */
            problem: string | null;
            /** Milliseconds */
            milliseconds: number;
        };
        /**
         * AttemptStatus
         * @description Of an attempt to pay and of its redemptions; at most one per voucher is not failed.
         * @enum {string}
         */
        AttemptStatus: "requested" | "pending" | "final" | "failed";
        /**
         * BackupAnswers
         * @description The words at the positions of the last challenge.
         */
        BackupAnswers: {
            /**
             * Words
             * @description Word by position
             * @example {
             *       "2": "…",
             *       "5": "…",
             *       "9": "…",
             *       "12": "…"
             *     }
             */
            words: {
                [key: string]: string;
            };
        };
        /**
         * BackupChallenge
         * @description Which words to type.
         */
        BackupChallenge: {
            /**
             * Positions
             * @description Counted from 1
             * @example [
             *       2,
             *       5,
             *       9,
             *       12
             *     ]
             */
            positions: number[];
        };
        /**
         * BalanceChangeRead
         * @description What one account gives (below zero) or gets of one asset, fees aside.
         */
        BalanceChangeRead: {
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
            /**
             * Asset
             * @description CAIP-19
             */
            asset: string;
            /**
             * Base Units
             * @example -1500000000000000000
             */
            base_units: string;
        };
        /** BalanceRead */
        BalanceRead: {
            /** Account */
            account: string;
            /** Asset */
            asset: string;
            /** Base Units */
            base_units: string;
        };
        /**
         * Base
         * @description What a percentage or a gift is reckoned on.
         * @enum {string}
         */
        Base: "running" | "original";
        /**
         * BoardLaneRead
         * @description What the continuous reconciliation said last of one campaign on one chain.
         */
        BoardLaneRead: {
            /** Campaign */
            campaign: string;
            /**
             * Title
             * @description Of the rule document
             * @example 满100减20
             */
            title: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /** Height */
            height: number;
            /** Agrees */
            agrees: boolean;
            /**
             * Open Alarms
             * @description Divergences that are not over
             * @example 0
             */
            open_alarms: number;
            /** @description The money of its escrow on this chain */
            settlement: components["schemas"]["SettlementRead"];
            /**
             * Figures
             * @description Of ledger, chain and books: counts, and base units as text
             */
            figures: {
                [key: string]: unknown;
            };
            /** At */
            at: string;
        };
        /**
         * BookLane
         * @description One lane's escrow as books, ledger and chain say it, in base units.
         */
        BookLane: {
            /** Chain */
            chain: string;
            /**
             * Escrow
             * @description By the books, from final facts
             */
            escrow: string;
            /**
             * Liability
             * @description Its opposite
             */
            liability: string;
            /**
             * Pending
             * @description What facts that are not final yet will add
             */
            pending: string;
            /**
             * On Chain
             * @description What the chain holds now
             */
            on_chain: string;
            /** Equal */
            equal: boolean;
        };
        /**
         * BooksRead
         * @description The books of a campaign.
         */
        BooksRead: {
            /** Lanes */
            lanes: components["schemas"]["BookLane"][];
            /** Balances */
            balances: components["schemas"]["BalanceRead"][];
        };
        /**
         * BudgetPut
         * @description How much to spend in a month at most; alerts come as the event `spending.budget` at 80 and 100 percent.
         */
        BudgetPut: {
            /**
             * Currency
             * @example CNY
             */
            currency: string;
            /**
             * Category
             * @description null: all together
             */
            category?: string | null;
            /**
             * Month Minor
             * @description Minor units
             */
            month_minor: number;
            /**
             * Zone
             * @description IANA zone of the months
             * @default UTC
             */
            zone?: string;
        };
        /**
         * BudgetRead
         * @description A budget, and what was spent of it this month.
         */
        BudgetRead: {
            /**
             * Id
             * Format: uuid
             * @description Named by the event `spending.budget`
             */
            id: string;
            /** Currency */
            currency: string;
            /** Category */
            category: string | null;
            /** Month Minor */
            month_minor: number;
            /** Zone */
            zone: string;
            /** Month */
            month: string;
            /** Spent Minor */
            spent_minor: number;
            /**
             * Level
             * @description 0, 80 or 100: the highest percentage that is reached
             */
            level: number;
        };
        /**
         * By
         * @description What the funnel is broken down by.
         * @enum {string}
         */
        By: "day" | "store" | "segment" | "chain";
        /**
         * CallRead
         * @description A call of a contract and where it stands.
         */
        CallRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Status
             * @description awaiting_signature · in_flight · done · failed · cancelled
             * @example in_flight
             */
            status: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Sender
             * @description CAIP-10
             */
            sender: string;
            /**
             * Contract
             * @description CAIP-10
             */
            contract: string;
            /**
             * Value
             * @description Sent along, in base units of the native coin
             * @example 0
             */
            value: string;
            /**
             * Data
             * @description Hex
             * @example 0x095ea7b3
             */
            data: string;
            /** @description Once signed */
            fee_limit: components["schemas"]["ChainAmount"] | null;
            /** @description Once included */
            fee_paid: components["schemas"]["ChainAmount"] | null;
            /**
             * Tx Hash
             * @description Once signed, before it is broadcast
             */
            tx_hash: string | null;
            /**
             * Height
             * @description Block number, while included
             */
            height: number | null;
            /**
             * Finality
             * @description included · safe · finalized
             * @example finalized
             */
            finality: string | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
            /**
             * Needs Holder
             * @description Only the holder's unlocked keys can go on
             */
            needs_holder: boolean;
            /**
             * Fee Blocked
             * @description The network wants a higher fee
             */
            fee_blocked: boolean;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * CallToSign
         * @description A transaction's call, as `eth_sendTransaction` wants it.
         */
        CallToSign: {
            /** Number */
            number: number;
            kind: components["schemas"]["wallets__defi__model__StepKind"];
            /**
             * To
             * @description Address
             */
            to: string;
            /**
             * Data
             * @description Hex
             */
            data: string;
            /**
             * Value
             * @description Wei, hex
             * @example 0x0
             */
            value: string;
            /**
             * Gas
             * @description Hex; null: to be estimated once the step before is in a block
             */
            gas: string | null;
        };
        /**
         * CampaignDraft
         * @description The rules of a campaign; they never change. 满100减20 is `threshold` with min_spend 10000, amount_off 2000.
         */
        CampaignDraft: {
            /**
             * Title
             * @example 满100减20
             */
            title: string;
            /** @example threshold */
            kind: components["schemas"]["VoucherKind"];
            effect: components["schemas"]["EffectBody"];
            /**
             * Currency
             * @description ISO 4217
             * @example CNY
             */
            currency: string;
            /**
             * Valid From
             * Format: date-time
             * @description First moment, in block time; whole seconds. Without an offset it is read in `zone`; a time that its clocks skip or show twice is refused
             */
            valid_from: string;
            /**
             * Valid Until
             * Format: date-time
             * @description First moment no longer valid; whole seconds
             */
            valid_until: string;
            /**
             * Zone
             * @description IANA zone in which people read the dates
             * @default UTC
             * @example Asia/Shanghai
             */
            zone?: string;
            /**
             * Lanes
             * @description One per chain; none for points
             */
            lanes?: components["schemas"]["LaneBody"][];
            /**
             * Per Holder
             * @description Most vouchers per account
             */
            per_holder?: number | null;
            /**
             * Sponsor Bp
             * @description The sponsor's share of the discount
             * @default 10000
             */
            sponsor_bp?: number;
            /**
             * Merchants
             * @description Organisations that accept the vouchers; null: the drafting one; each other one is asked
             */
            merchants?: string[] | null;
            /**
             * Stores
             * @description null: no limit; an empty list is closed
             */
            stores?: string[] | null;
            /** Categories */
            categories?: string[] | null;
            /** Skus */
            skus?: string[] | null;
            /** Excluded Skus */
            excluded_skus?: string[];
            /**
             * Stacking Group
             * @description Two vouchers stand together if both groups consent; `joint` consents to all, `exclusive` to none
             * @default exclusive
             */
            stacking_group?: string;
            /** Stacking Consents */
            stacking_consents?: string[];
            /**
             * Priority
             * @description Smaller is applied first
             * @default 100
             */
            priority?: number;
            /** @default bound */
            transfer?: components["schemas"]["TransferPolicy"];
            /**
             * Max Per Order
             * @default 5
             */
            max_per_order?: number;
            /**
             * Per Campaign
             * @description Of this campaign, per order
             * @default 1
             */
            per_campaign?: number;
            /**
             * @description What a percentage or a gift is reckoned on
             * @default running
             */
            base?: components["schemas"]["Base"];
            /**
             * Claim Until
             * @description First moment too late to claim; whole seconds
             */
            claim_until?: string | null;
            /** Limits */
            limits?: components["schemas"]["LimitBody"][];
            claim?: components["schemas"]["ClaimBody"];
            /** Sponsors */
            sponsors?: components["schemas"]["SponsorBody"][];
            refund?: components["schemas"]["RefundBody"];
            powers?: components["schemas"]["PowersBody"];
            /**
             * @description `accrued`: credited and settled later (EVM)
             * @default immediate
             */
            payout?: components["schemas"]["Payout"];
            /**
             * Points Cap
             * @description `points`: most ever earned
             */
            points_cap?: number | null;
        };
        /**
         * CampaignIssue
         * @description Whom to issue one voucher each, all on one chain; an account may stand there more than once.
         */
        CampaignIssue: {
            /**
             * Holders
             * @description CAIP-10
             */
            holders: string[];
        };
        /**
         * CampaignLaunch
         * @description Where to launch.
         */
        CampaignLaunch: {
            /**
             * Chains
             * @description CAIP-2; null: all of its lanes
             */
            chains?: string[] | null;
        };
        /**
         * CampaignPower
         * @description What the issuer may do after the launch; declared in the terms or non-existent.
         * @enum {string}
         */
        CampaignPower: "pause" | "void" | "add_merchant" | "remove_merchant" | "ticket_signer";
        /**
         * CampaignRead
         * @description A campaign as its organisation sees it.
         */
        CampaignRead: {
            /**
             * Id
             * @description 48 hex digits, the same on every chain
             */
            id: string;
            status: components["schemas"]["CampaignStatus"];
            /**
             * Rules Hash
             * @description keccak256 of the rule document, 64 hex digits
             */
            rules_hash: string;
            /**
             * Rules
             * @description The rule document (docs/rule-document.md)
             */
            rules: {
                [key: string]: unknown;
            };
            /** Created At */
            created_at: string;
            /** Lanes */
            lanes: components["schemas"]["LaneRead"][];
            counts: components["schemas"]["CountsRead"];
        };
        /**
         * CampaignStatus
         * @description Of a campaign and of each of its lanes.
         * @enum {string}
         */
        CampaignStatus: "draft" | "launching" | "active" | "paused" | "ended" | "failed";
        /**
         * CandidateRead
         * @description An address that the wallet would have.
         */
        CandidateRead: {
            /**
             * Scheme
             * @example ledger-live
             */
            scheme: string;
            /**
             * Wallets
             * @example Ledger Live
             */
            wallets: string;
            /**
             * Path
             * @example m/44'/60'/0'/0/0
             */
            path: string;
            /** Address */
            address: string;
        };
        /**
         * CandidatesAsk
         * @description Which addresses to look at before making accounts.
         */
        CandidatesAsk: {
            /**
             * Network
             * @description CAIP-2
             * @example eip155:1
             */
            network: string;
            /**
             * Count
             * @description Of each scheme
             * @default 3
             */
            count?: number;
        };
        /**
         * CaseAnswer
         * @description A message of the merchant's or the operator's.
         */
        CaseAnswer: {
            /**
             * Text
             * @example I paid, and the till says that I did not.
             */
            text: string;
            /**
             * Close
             * @description End the case with it
             */
            close?: ("solved" | "refused") | null;
        };
        /**
         * CaseDetail
         * @description A case with its conversation, and the dispute behind it.
         */
        CaseDetail: {
            case: components["schemas"]["CaseRead"];
            /** Messages */
            messages: components["schemas"]["MessageRead"][];
            dispute: components["schemas"]["CaseDisputeRead"] | null;
        };
        /**
         * CaseDisputeRead
         * @description How far the dispute of the case's redemption is.
         */
        CaseDisputeRead: {
            /**
             * Status
             * @example open
             */
            status: string;
            /**
             * Answer
             * @description The merchant's reasons
             */
            answer: string | null;
            /**
             * Refund
             * @description The linked refund
             */
            refund: string | null;
        };
        /**
         * CaseOpen
         * @description A question, and what it is about.
         */
        CaseOpen: {
            /**
             * Title
             * @example Paid twice?
             */
            title: string;
            /**
             * Text
             * @example I paid, and the till says that I did not.
             */
            text: string;
            /**
             * @description `general` without a merchant, and `payment`, go to the operator
             * @default general
             */
            about?: components["schemas"]["people__support__model__SubjectKind"];
            /**
             * Subject
             * @description Id of the order, payment, voucher or redemption
             */
            subject?: string | null;
            /**
             * Merchant
             * @description For `general`: the merchant that shall answer
             */
            merchant?: string | null;
            /**
             * Dispute
             * @description For a redemption: contest it with this text as the reason
             * @default false
             */
            dispute?: boolean;
        };
        /**
         * CaseRead
         * @description A case without its conversation.
         */
        CaseRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Reference
             * @description To tell on the telephone
             * @example QB-7K3M9PQ2
             */
            reference: string;
            /**
             * Title
             * @example Paid twice?
             */
            title: string;
            about: components["schemas"]["SubjectKind-Output"];
            /** Subject */
            subject: string | null;
            /**
             * Payment Reference
             * @description Of a case about a payment: what the payment shows as `support_reference`
             * @example QP-7K3M9PQ2
             */
            payment_reference: string | null;
            /**
             * Merchant
             * @description Who answers; null: the operator
             */
            merchant: string | null;
            /** @description `open`: it is the helper's turn, `answered`: the asker's */
            status: components["schemas"]["CaseStatus"];
            outcome: components["schemas"]["people__support__model__Outcome"] | null;
            /** Solved */
            solved: boolean | null;
            /** Score */
            score: number | null;
            /** Opened At */
            opened_at: string;
            /** Updated At */
            updated_at: string;
            /** Closed At */
            closed_at: string | null;
        };
        /**
         * CaseSay
         * @description One more message.
         */
        CaseSay: {
            /**
             * Text
             * @example I paid, and the till says that I did not.
             */
            text: string;
        };
        /**
         * CaseStatus
         * @description Whose turn it is.
         * @enum {string}
         */
        CaseStatus: "open" | "answered" | "closed";
        /**
         * CatalogueImport
         * @description A spreadsheet's CSV with the columns sku, name, category (may be left out), currency and price.
         */
        CatalogueImport: {
            /**
             * Csv
             * @example sku,name,category,currency,price
             *     tea-001,龙井 250g,tea,CNY,128.00
             */
            csv: string;
            /**
             * Whole
             * @description It is the whole catalogue: what it does not name is not sold
             * @default false
             */
            whole?: boolean;
        };
        /**
         * CatalogueImported
         * @description What the import did: all rows, or none.
         */
        CatalogueImported: {
            /** Rows */
            rows: number;
            /** Added */
            added: number;
            /** Changed */
            changed: number;
            /** Withdrawn */
            withdrawn: number;
        };
        /**
         * CatalogueItemRead
         * @description One of the goods.
         */
        CatalogueItemRead: {
            /**
             * Sku
             * @example tea-001
             */
            sku: string;
            /** Name */
            name: string;
            /** Category */
            category: string | null;
            /** @description With tax */
            unit_price: components["schemas"]["CurrencyAmount"];
            /** Sold */
            sold: boolean;
        };
        /**
         * CaughtMail
         * @description A mail that the catcher of a development installation holds.
         */
        CaughtMail: {
            /** To */
            to: string;
            /** Subject */
            subject: string;
            /** Text */
            text: string;
        };
        /**
         * ChainAmount
         * @description A quantity of one asset on one chain.
         * @example {
         *       "asset": "eip155:31337/slip44:60",
         *       "base_units": "1500000000000000000",
         *       "decimals": 18,
         *       "symbol": "ETH"
         *     }
         */
        ChainAmount: {
            /**
             * Base Units
             * @description Integer base units (wei, lamports)
             */
            base_units: string;
            /**
             * Decimals
             * @description Base-unit digits after the point
             */
            decimals: number;
            /**
             * Asset
             * @description CAIP-19
             */
            asset: string;
            /**
             * Symbol
             * @description For showing only
             */
            symbol: string;
        };
        /**
         * ChainBody
         * @description Which chain.
         */
        ChainBody: {
            /** Chain */
            chain: string;
        };
        /**
         * ChainRead
         * @description A configured chain.
         */
        ChainRead: {
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Name
             * @example Local EVM chain (no value)
             */
            name: string;
            /**
             * Family
             * @example eip155
             */
            family: string;
            /**
             * Local
             * @description A test network on this machine, with a faucet
             */
            local: boolean;
            /**
             * Healthy
             * @description Whether its node answers now
             */
            healthy: boolean;
            /** @description Null while the node does not answer */
            heads: components["schemas"]["HeadsRead"] | null;
            /**
             * Required Finality
             * @description When a payment counts as done
             * @example finalized
             */
            required_finality: string;
            /**
             * Finality Rule
             * @description The same in words
             * @example the node calls its block finalized: about two epochs, 13 minutes
             */
            finality_rule: string;
            /**
             * Nodes
             * @description In the order in which they are preferred
             */
            nodes: components["schemas"]["NodeRead"][];
            /**
             * Derivation
             * @description Default path of an account
             * @example m/44'/60'/0'/0/{index}
             */
            derivation: string;
            /**
             * Assets
             * @description The native coin first
             */
            assets: components["schemas"]["AssetRead"][];
        };
        /**
         * CheckItemRead
         * @description One line of the check-up.
         */
        CheckItemRead: {
            /**
             * Id
             * @example second_factor
             */
            id: string;
            /**
             * State
             * @enum {string}
             */
            state: "ok" | "advice" | "mend";
            /**
             * Says
             * @description What is, in the caller's language
             * @example 没有第二重验证
             */
            says: string;
            /**
             * Mend
             * @description What to do, in the caller's language
             * @example 添加通行密钥或验证器
             */
            mend: string | null;
            /**
             * Act
             * @description The route that mends it
             * @example POST /auth/totp
             */
            act: string | null;
            /**
             * Facts
             * @example {
             *       "recovery_codes_left": 10
             *     }
             */
            facts: {
                [key: string]: unknown;
            };
        };
        /**
         * CheckUpRead
         * @description What to mend, the most urgent first.
         */
        CheckUpRead: {
            /** Items */
            items: components["schemas"]["CheckItemRead"][];
            /** @description The one thing to say at a moment of risk; null: all is well */
            tip: components["schemas"]["CheckItemRead"] | null;
        };
        /**
         * ClaimBody
         * @description How vouchers are given out.
         */
        ClaimBody: {
            /**
             * Ways
             * @description What the issuer may use
             * @default [
             *       "list"
             *     ]
             */
            ways?: components["schemas"]["ClaimWay"][];
            /**
             * Per Identity
             * @description Claims per account, person or device; null for no limit
             */
            per_identity?: number | null;
            /**
             * Count On Chain
             * @description The contract counts per_holder for tickets (EVM)
             * @default false
             */
            count_on_chain?: boolean;
        };
        /**
         * ClaimRead
         * @description A claim and what became of it.
         */
        ClaimRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            /** Account */
            account: string;
            source: components["schemas"]["ClaimSource"];
            status: components["schemas"]["ClaimStatus"];
            /** Voucher */
            voucher: string | null;
            ticket: components["schemas"]["TicketRead"] | null;
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /** Created At */
            created_at: string;
        };
        /**
         * ClaimRequest
         * @description Claim by a code to an account; gasless.
         */
        ClaimRequest: {
            /** Code */
            code: string;
            /**
             * Account
             * @description CAIP-10: who gets the voucher
             */
            account: string;
            /**
             * Device
             * @description What names this device; kept hashed
             */
            device?: string | null;
        };
        /**
         * ClaimSource
         * @enum {string}
         */
        ClaimSource: "link" | "welcome" | "drop" | "ticket";
        /**
         * ClaimStatus
         * @enum {string}
         */
        ClaimStatus: "requested" | "issued" | "failed";
        /**
         * ClaimWay
         * @description How vouchers come to holders.
         * @enum {string}
         */
        ClaimWay: "list" | "drop" | "link" | "ticket";
        /**
         * CodeBody
         * @description A proof of the caller's second factor, where one is set up.
         */
        CodeBody: {
            /** Code */
            code?: string | null;
        };
        /**
         * CodeGiven
         * @description A code of the authenticator, or a recovery code.
         */
        CodeGiven: {
            /**
             * Code
             * @example 123456
             */
            code: string;
        };
        /**
         * CohortRead
         * @description Persons whose first order was in `month`, `after` months later.
         */
        CohortRead: {
            /**
             * Month
             * @example 2026-05
             */
            month: string;
            /** Persons */
            persons: number;
            /** After */
            after: number;
            /**
             * Active
             * @description Of them, who ordered in that month
             */
            active: number;
            /** Sales Minor */
            sales_minor: number;
        };
        /**
         * ContactAdd
         * @description Somebody to pay.
         */
        ContactAdd: {
            /**
             * Name
             * @example Wang
             */
            name: string;
            /** Note */
            note?: string | null;
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
        };
        /**
         * ContactChange
         * @description What one calls somebody.
         */
        ContactChange: {
            /**
             * Name
             * @example Wang
             */
            name: string;
            /** Note */
            note?: string | null;
        };
        /**
         * ContactRead
         * @description An entry of the caller's address book.
         */
        ContactRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
            /** Name */
            name: string;
            /** Note */
            note: string | null;
            /** Created At */
            created_at: string;
        };
        /**
         * CountsRead
         * @description What the chains say, all lanes together.
         */
        CountsRead: {
            /** Issued */
            issued: number;
            /** Live */
            live: number;
            /** Redeemed */
            redeemed: number;
            /** Void */
            void: number;
            /** @description Discounts given */
            cost: components["schemas"]["CurrencyAmount"];
            /**
             * Paid Out
             * @description What escrow paid to merchants, per settlement asset
             */
            paid_out: components["schemas"]["ChainAmount"][];
            /**
             * Alarms
             * @description Chain facts that contradict the rules; anything but 0 needs a person
             */
            alarms: number;
        };
        /**
         * CsvBody
         * @description A file as text: `account[,count]` a row, all of one chain.
         */
        CsvBody: {
            /** Csv */
            csv: string;
        };
        /**
         * CurrencyAmount
         * @description A sum in minor units of an ISO 4217 currency; the same shape in both directions.
         * @example {
         *       "currency": "CNY",
         *       "minor": 2000
         *     }
         */
        CurrencyAmount: {
            /**
             * Minor
             * @description Minor units (fen, cents)
             */
            minor: number;
            /**
             * Currency
             * @description ISO 4217
             */
            currency: string;
        };
        /**
         * Curve
         * @enum {string}
         */
        Curve: "secp256k1" | "ed25519" | "sr25519";
        /**
         * CustodyActRead
         * @description One act on the way.
         */
        CustodyActRead: {
            /**
             * Act
             * @example redemption
             */
            act: string;
            /**
             * Standing
             * @description False: a reorganisation took it back
             */
            standing: boolean;
            place: components["schemas"]["PlaceRead"];
            /** Voucher */
            voucher: string | null;
            /** Campaign */
            campaign: string | null;
            /** Details */
            details: {
                [key: string]: string;
            };
        };
        /**
         * CustodyRead
         * @description The chain of custody of one subject, in order of chain and position.
         */
        CustodyRead: {
            /**
             * Kind
             * @example holder
             */
            kind: string;
            /** Subject */
            subject: string;
            /** Acts */
            acts: components["schemas"]["CustodyActRead"][];
            /**
             * Cut
             * @description There is more than is shown: ask for a shorter time
             */
            cut: boolean;
        };
        /**
         * DappRequestRead
         * @description What a dApp wants, and the person's word on it.
         */
        DappRequestRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            kind: components["schemas"]["AskedFor"];
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
            /**
             * Summary
             * @description In plain words, read from what would be signed
             */
            summary: string;
            /**
             * Payload
             * @description payment: the intent; message: its bytes; typed_data: the document
             */
            payload: {
                [key: string]: unknown;
            };
            /**
             * Text
             * @description A message that is text, as it stands
             */
            text: string | null;
            word: components["schemas"]["Word"];
            /**
             * Signature
             * @description Hex, of an accepted message or document
             */
            signature: string | null;
            /**
             * Tx Hash
             * @description Of an accepted payment, once signed
             */
            tx_hash: string | null;
            /**
             * Payment Status
             * @description in_flight · done · failed · cancelled
             */
            payment_status: string | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
            /**
             * Balance Changes
             * @description What a payment would have changed when it was asked for, fees aside; null where no node simulates
             */
            balance_changes: components["schemas"]["BalanceChangeRead"][] | null;
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * DappRequestsRead
         * @description Oldest first.
         */
        DappRequestsRead: {
            /** Items */
            items: components["schemas"]["DappRequestRead"][];
        };
        /**
         * DebtRead
         * @description What a refund still waits for.
         */
        DebtRead: {
            /**
             * Refund
             * Format: uuid
             */
            refund: string;
            /** Step */
            step: number;
            /** Campaign */
            campaign: string | null;
            /** Asset */
            asset: string;
            /** Base Units */
            base_units: string;
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /** Created At */
            created_at: string;
            /** Settled At */
            settled_at: string | null;
        };
        /**
         * Decision
         * @description A person's decision, with the reason that the other reads.
         */
        Decision: {
            /** Approve */
            approve: boolean;
            /**
             * Reason
             * @example Name and photograph agree
             */
            reason: string;
        };
        /**
         * DecisionRead
         * @description What the rules said of a payment, with every reason.
         */
        DecisionRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Payment Id */
            payment_id: string | null;
            /**
             * Subject
             * @description Of what is no payment of the owner's own: `order`, or `request` of a dApp, by id
             */
            subject: {
                [key: string]: string;
            } | null;
            /** Act */
            act: string;
            /** Account */
            account: string;
            outcome: components["schemas"]["wallets__policy__rules__Outcome"];
            /** Leaving */
            leaving: components["schemas"]["LeavingRead"][];
            /** Reasons */
            reasons: components["schemas"]["ReasonRead"][];
            /**
             * Policy Id
             * @description The version that was asked; null: the default rules
             */
            policy_id: string | null;
            /** Risk */
            risk: number | null;
            /** Decided At */
            decided_at: string;
        };
        /**
         * Delivery
         * @description How a gift reaches its holder.
         * @enum {string}
         */
        Delivery: "with_order" | "pickup" | "shipped";
        /**
         * DeliveryAdvance
         * @description How far a gift is now.
         */
        DeliveryAdvance: {
            status: components["schemas"]["vouchers__gifts__model__DeliveryStatus"];
        };
        /**
         * DeliveryDetail
         * @description With what is sent, and every attempt.
         */
        DeliveryDetail: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Event Id
             * @description The header `webhook-id`; the same at every attempt
             * @example evt_5f0c
             */
            event_id: string;
            /**
             * Type
             * @example order.paid
             */
            type: string;
            status: components["schemas"]["people__webhooks__model__DeliveryStatus"];
            /** Attempts */
            attempts: number;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
            /**
             * Body
             * @example {
             *       "type": "order.paid",
             *       "version": 1
             *     }
             */
            body: {
                [key: string]: unknown;
            };
            /** Log */
            log: components["schemas"]["AttemptRead"][];
        };
        /**
         * Direction
         * @enum {string}
         */
        Direction: "in" | "out" | "none";
        /**
         * DisputeAnswer
         * @description The merchant's word: `refund` gives back what is left of the order, otherwise the reasons stand.
         */
        DisputeAnswer: {
            /** Answer */
            answer: string;
            /**
             * Refund
             * @default false
             */
            refund?: boolean;
        };
        /**
         * DisputeOpen
         * @description Why the holder contests a redemption.
         */
        DisputeOpen: {
            /** Reason */
            reason: string;
        };
        /** DisputeRead */
        DisputeRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Redemption */
            redemption: string;
            /**
             * Order
             * Format: uuid
             */
            order: string;
            status: components["schemas"]["DisputeStatus"];
            /** Reason */
            reason: string;
            /**
             * Evidence
             * @description What chain and order said when the dispute was opened
             */
            evidence: {
                [key: string]: unknown;
            };
            /** Answer */
            answer: string | null;
            /** Refund */
            refund: string | null;
            /** Opened At */
            opened_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * DisputeStatus
         * @enum {string}
         */
        DisputeStatus: "open" | "refunded" | "refused";
        /**
         * DraftedCampaign
         * @description A campaign that was just drafted, with what is possible in its terms and probably not meant.
         */
        DraftedCampaign: {
            /**
             * Id
             * @description 48 hex digits, the same on every chain
             */
            id: string;
            status: components["schemas"]["CampaignStatus"];
            /**
             * Rules Hash
             * @description keccak256 of the rule document, 64 hex digits
             */
            rules_hash: string;
            /**
             * Rules
             * @description The rule document (docs/rule-document.md)
             */
            rules: {
                [key: string]: unknown;
            };
            /** Created At */
            created_at: string;
            /** Lanes */
            lanes: components["schemas"]["LaneRead"][];
            counts: components["schemas"]["CountsRead"];
            /** Warnings */
            warnings: components["schemas"]["api__schemas__campaigns__WarningRead"][];
        };
        /**
         * DropBody
         * @description A list of holders to be opened; EVM campaigns have up to 65,536, Solana campaigns one, before the launch.
         */
        DropBody: {
            /** Chain */
            chain: string;
            /**
             * Number
             * @default 0
             */
            number?: number;
        };
        /**
         * DropPartBody
         * @description The next holders. The whole list becomes public when it is committed.
         */
        DropPartBody: {
            /**
             * First
             * @description Index of the first of them: how many there are so far
             */
            first: number;
            /**
             * Holders
             * @description CAIP-10
             */
            holders: string[];
        };
        /**
         * DropRead
         * @description A drop.
         */
        DropRead: {
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            /** Number */
            number: number;
            status: components["schemas"]["DropStatus"];
            /** Count */
            count: number;
            /**
             * Root
             * @description 64 hex digits
             */
            root: string | null;
            /**
             * Leaves Hash
             * @description keccak256 of the published list, 64 hex digits
             */
            leaves_hash: string | null;
            /**
             * Act
             * @description The act that commits it (EVM)
             */
            act: string | null;
        };
        /**
         * DropStatus
         * @enum {string}
         */
        DropStatus: "open" | "committing" | "committed" | "failed";
        /**
         * DryRunRead
         * @description What the tried rules would have said; prices are today's, and nobody's approval is assumed.
         */
        DryRunRead: {
            /** Payments */
            payments: number;
            /** Outcomes */
            outcomes: {
                [key: string]: number;
            };
            /** Changed */
            changed: components["schemas"]["TriedRead"][];
            /**
             * Complete
             * @description False: there were more payments, and the newest were tried
             */
            complete: boolean;
        };
        /**
         * DryRunRequest
         * @description Rules to try out on the past.
         */
        DryRunRequest: {
            policy: components["schemas"]["PolicyBody"];
            /**
             * Days
             * @description How far back
             * @default 30
             */
            days?: number;
        };
        /**
         * EffectBody
         * @description What one voucher does, in minor units; name only the fields of the kind.
         */
        EffectBody: {
            /**
             * Min Spend
             * @description Smallest eligible subtotal; 0 for no threshold
             * @default 0
             * @example 10000
             */
            min_spend?: number;
            /**
             * Amount Off
             * @description `threshold`, `cash`
             * @example 2000
             */
            amount_off?: number | null;
            /**
             * Per Each
             * @description `threshold`: once for each full min_spend
             * @default false
             */
            per_each?: boolean;
            /**
             * Percent Bp
             * @description `percent`: basis points off
             */
            percent_bp?: number | null;
            /**
             * Max Off
             * @description `percent`, `gift`, and `threshold` with per_each: at most this
             */
            max_off?: number | null;
            /**
             * Sku
             * @description `gift`: which
             */
            sku?: string | null;
            /**
             * Quantity
             * @description `gift`: how many
             */
            quantity?: number | null;
            /**
             * Min Quantity
             * @description `gift`: smallest number of eligible units
             * @default 0
             */
            min_quantity?: number;
            /** @description `gift`: how it reaches its holder */
            delivery?: components["schemas"]["Delivery"] | null;
            /**
             * Balance
             * @description `stored_value`: what a new voucher holds
             */
            balance?: number | null;
            /** @description `points` */
            earn_rate?: components["schemas"]["api__schemas__campaigns__RateBody"] | null;
            /** @description `points` */
            redeem_rate?: components["schemas"]["api__schemas__campaigns__RateBody"] | null;
            /**
             * Lifetime Seconds
             * @description `points`: until they expire
             */
            lifetime_seconds?: number | null;
        };
        /**
         * EndpointStatus
         * @description Whether anything is sent.
         * @enum {string}
         */
        EndpointStatus: "active" | "paused" | "disabled";
        /**
         * Erase
         * @description Erase the caller for good. Keys in the keystore can no longer be reached: save your words first.
         */
        Erase: {
            /**
             * Password
             * Format: password
             * @description Asked again; empty for who has none
             * @default
             */
            password?: string;
            /**
             * Confirm
             * @description Typed by the person
             * @constant
             */
            confirm: "erase me";
        };
        /**
         * ExchangeRateRead
         * @description What a currency is worth in another one now.
         */
        ExchangeRateRead: {
            /**
             * Base
             * @description ISO 4217
             * @example USD
             */
            base: string;
            /**
             * Quote
             * @description ISO 4217
             * @example CNY
             */
            quote: string;
            /**
             * Rate
             * @description Whole units of `quote` for one of `base`
             * @example 7.1034
             */
            rate: string;
            /**
             * Source
             * @description Whose rate it is
             * @example treasury desk
             */
            source: string;
            /**
             * Rated At
             * @description When that rate was so
             */
            rated_at: string;
        };
        /**
         * ExchangeRead
         * @description The rate, and a sum at it.
         */
        ExchangeRead: {
            /**
             * Base
             * @description ISO 4217
             * @example USD
             */
            base: string;
            /**
             * Quote
             * @description ISO 4217
             * @example CNY
             */
            quote: string;
            /**
             * Rate
             * @description Whole units of `quote` for one of `base`
             * @example 7.1034
             */
            rate: string;
            /**
             * Source
             * @description Whose rate it is
             * @example treasury desk
             */
            source: string;
            /**
             * Rated At
             * @description When that rate was so
             */
            rated_at: string;
            /** @description The asked sum in `quote`, rounded down */
            money: components["schemas"]["CurrencyAmount"] | null;
        };
        /**
         * ExpiringPoints
         * @description Points that expire together.
         */
        ExpiringPoints: {
            /** Points */
            points: number;
            /**
             * Expires At
             * @description Unix seconds: the first at which they are gone
             */
            expires_at: number;
        };
        /**
         * Export
         * @description What shall leave, in which form; the keystore's passphrase is needed again.
         */
        Export: {
            /**
             * Passphrase
             * Format: password
             * @example correct horse battery staple
             */
            passphrase: string;
            form: components["schemas"]["ExportForm"];
            /** @description Of a key in hexadecimal of a wallet with several curves */
            curve?: components["schemas"]["Curve"] | null;
            /**
             * Path
             * @description Of the key or branch in its wallet; none: the root
             * @example m/44'/60'/0'/0/0
             */
            path?: string | null;
            /**
             * File Password
             * Format: password
             * @description For a key file, at least 8 characters
             * @default
             */
            file_password?: string;
            /** @description For SLIP-39 shares */
            shares?: components["schemas"]["SharePlanBody"] | null;
        };
        /**
         * ExportForm
         * @description How a secret leaves.
         * @enum {string}
         */
        ExportForm: "mnemonic" | "shares" | "hex" | "keystore" | "wif" | "wif_testnet" | "solana_base58" | "solana_json" | "extended_key";
        /**
         * ExportFormat
         * @enum {string}
         */
        ExportFormat: "csv" | "jsonl";
        /**
         * ExportKind
         * @enum {string}
         */
        ExportKind: "facts" | "vouchers";
        /**
         * ExportRead
         * @description The secret, once: it is stored by no browser or proxy.
         */
        ExportRead: {
            form: components["schemas"]["ExportForm"];
            /**
             * Text
             * @description Words, key, file or extended key; null for shares
             */
            text: string | null;
            /**
             * Bip39 Passphrase
             * @description Of a mnemonic that has one; without it the words open others
             */
            bip39_passphrase: string | null;
            /**
             * Groups
             * @description Shares by group
             */
            groups: string[][];
        };
        /**
         * ExtendedPublicKeyAsk
         * @description Which branch to show the public half of.
         */
        ExtendedPublicKeyAsk: {
            /**
             * Path
             * @example m/84'/0'/0'
             */
            path: string;
            /**
             * Prefix
             * @description Says which addresses are meant (SLIP-132)
             * @default xpub
             */
            prefix?: string;
        };
        /**
         * ExtendedPublicKeyRead
         * @description All addresses of a branch, for a wallet elsewhere that only watches.
         */
        ExtendedPublicKeyRead: {
            /** Extended Public Key */
            extended_public_key: string;
            /** Path */
            path: string;
        };
        /**
         * FactRead
         * @description One statement of a bundle, and what carries it.
         */
        FactRead: {
            /**
             * Name
             * @example holder_consent
             */
            name: string;
            /**
             * Basis
             * @description `proven`, or `attested by ed25519:<key>`
             * @example proven
             */
            basis: string;
            /**
             * Statement
             * @description In plain words
             * @example the holder signed the order
             */
            statement: string;
        };
        /**
         * FaucetGift
         * @description What the faucet has sent.
         */
        FaucetGift: {
            /**
             * Tx Hash
             * @description Included (Solana: confirmed)
             */
            tx_hash: string;
        };
        /**
         * FaucetRequest
         * @description Test money that is wanted.
         */
        FaucetRequest: {
            /**
             * Account
             * @description Address on this chain, or CAIP-10
             * @example 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
             */
            account: string;
            /**
             * Asset
             * @description CAIP-19: the native coin or a test money
             * @example eip155:31337/slip44:60
             */
            asset: string;
            /**
             * Base Units
             * @description Integer base units
             * @example 1000000000000000000
             */
            base_units: string;
        };
        /**
         * FeesRead
         * @description The speeds of a chain; none where it has no fee market.
         */
        FeesRead: {
            /** Speeds */
            speeds: components["schemas"]["SpeedRead"][];
        };
        /**
         * FigureRead
         * @description A quantity of an asset on a chain, or of a currency.
         */
        FigureRead: {
            /**
             * Units
             * @description Base units of the asset, or minor units of the currency
             */
            units: string;
            /**
             * Asset
             * @description CAIP-19; null: a currency
             */
            asset: string | null;
            /**
             * Symbol
             * @description Or the currency; null where the chain does not tell it
             */
            symbol: string | null;
            /** Decimals */
            decimals: number | null;
            /**
             * Text
             * @description For reading
             * @example 1.5
             */
            text: string;
        };
        /**
         * FollowedRead
         * @description A merchant that the caller follows.
         */
        FollowedRead: {
            /**
             * Merchant
             * Format: uuid
             */
            merchant: string;
            /**
             * Name
             * @example 梅记茶馆
             */
            name: string;
            /** Since */
            since: string;
        };
        /**
         * FreezeRead
         * @description One freeze. It lasts while `released_at` is null.
         */
        FreezeRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Tenant Id
             * Format: uuid
             */
            tenant_id: string;
            /**
             * Address
             * @description eip155:0x… or solana:…, on every chain of the family; null: all accounts
             */
            address: string | null;
            /** Reason */
            reason: string;
            /** Alert Id */
            alert_id: string | null;
            /**
             * Frozen By
             * @description null: the rules
             */
            frozen_by: string | null;
            /** Frozen At */
            frozen_at: string;
            /** Release Asked By */
            release_asked_by: string | null;
            /** Release Asked At */
            release_asked_at: string | null;
            /** Release Reason */
            release_reason: string | null;
            /** Released By */
            released_by: string | null;
            /** Released At */
            released_at: string | null;
            /** Released How */
            released_how: ("second_factor" | "second_person") | null;
        };
        /**
         * FreezeRequest
         * @description Keep an account from signing. No account: all of them. No organisation: the caller's own.
         */
        FreezeRequest: {
            /**
             * Account
             * @description CAIP-10
             * @example null
             */
            account?: string | null;
            /**
             * Organisation Id
             * @example null
             */
            organisation_id?: string | null;
            /**
             * Reason
             * @example I have lost my telephone
             */
            reason: string;
        };
        /**
         * FundBody
         * @description More money for one chain's escrow, from the treasury.
         */
        FundBody: {
            /** Chain */
            chain: string;
            /**
             * Base Units
             * @description Of the settlement asset
             */
            base_units: string;
        };
        /**
         * FundingRead
         * @description What makes every voucher of a lane payable.
         */
        FundingRead: {
            /** Chain */
            chain: string;
            amount: components["schemas"]["ChainAmount"];
        };
        /**
         * FunnelRead
         * @description One line of the funnel, from facts that stand on the chains now.
         */
        FunnelRead: {
            /**
             * Key
             * @description Day, store, segment or chain; empty in the sum
             * @example 2026-05-31
             */
            key: string;
            /**
             * Issued
             * @description Vouchers that came into being, reissues after reversals included
             */
            issued: number;
            /**
             * Claimed
             * @description Of them, those that their holders asked for themselves
             */
            claimed: number;
            /**
             * Held
             * @description Live now; null where the breakdown cannot say
             */
            held: number | null;
            /**
             * Redeemed
             * @description Used up, less those whose use was taken back
             */
            redeemed: number;
            /**
             * Spent
             * @description Partial uses of stored value beside them
             */
            spent: number;
            /**
             * Settled
             * @description Uses whose payout has reached the merchant
             */
            settled: number;
            /** Reversed */
            reversed: number;
            /** Voided */
            voided: number;
            /**
             * Discount Minor
             * @description What customers saved
             */
            discount_minor: number;
            /**
             * Payout Units
             * @description What escrow paid, base units of the settlement asset
             */
            payout_units: string;
            /** Orders */
            orders: number;
            /**
             * Sales Minor
             * @description Of those orders, before discounts
             */
            sales_minor: number;
        };
        /**
         * GiftBody
         * @description What is said of a gift; its stock changes by itself.
         */
        GiftBody: {
            /**
             * Name
             * @example 马克杯
             */
            name: string;
            /**
             * Currency
             * @example CNY
             */
            currency: string;
            /**
             * Unit Price Minor
             * @description The customer's price
             * @example 2000
             */
            unit_price_minor: number;
            /** Category */
            category?: string | null;
            /**
             * Programme
             * @description Points programme that buys it; null: none
             */
            programme?: string | null;
            /**
             * Points Price
             * @description Points for one unit
             */
            points_price?: number | null;
            /**
             * Offered
             * @description false: nobody new gets it; what is reserved is still given
             * @default true
             */
            offered?: boolean;
        };
        /**
         * GiftGivenRead
         * @description Units that leave the shop's gift stock with the order.
         */
        GiftGivenRead: {
            /** Sku */
            sku: string;
            /** Quantity */
            quantity: number;
            /**
             * Freed
             * @description Units of the cart that cost nothing
             */
            freed: number;
            /**
             * Added
             * @description Units that come as a line of their own
             */
            added: number;
            /**
             * Line
             * @description Place of the added line in `lines`, from 0
             */
            line: number | null;
        };
        /**
         * GiftRead
         * @description A gift of a shop.
         */
        GiftRead: {
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            unit_price: components["schemas"]["CurrencyAmount"];
            /** Category */
            category: string | null;
            /**
             * Stock
             * @description Units on hand, reserved ones included
             */
            stock: number;
            /**
             * Reserved
             * @description Held by checkouts and payments under way
             */
            reserved: number;
            /** Available */
            available: number;
            /** Programme */
            programme: string | null;
            /** Points Price */
            points_price: number | null;
            /** Offered */
            offered: boolean;
        };
        /**
         * GiftReturn
         * @description What becomes of a gift when the goods that it came for are returned.
         * @enum {string}
         */
        GiftReturn: "back_or_price" | "kept";
        /**
         * GiftTake
         * @description A gift to buy with points.
         */
        GiftTake: {
            /**
             * Shop
             * Format: uuid
             * @description The organisation
             */
            shop: string;
            /** Sku */
            sku: string;
            /**
             * Units
             * @default 1
             */
            units?: number;
            /** @default pickup */
            delivery?: components["schemas"]["Delivery"];
            /**
             * Shipping
             * @description Where to; erased at delivery
             */
            shipping?: string | null;
        };
        /**
         * GiftTakeUpRead
         * @description What became of one gift.
         */
        GiftTakeUpRead: {
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            /** Units Given */
            units_given: number;
            /** Units Returned */
            units_returned: number;
            /**
             * Waiting
             * @description Units that are owed, due or on their way
             */
            waiting: number;
            /** Delivered */
            delivered: number;
            /**
             * Stock
             * @description On hand now
             */
            stock: number;
        };
        /**
         * GrantCreate
         * @description Let an outside auditor read some campaigns' facts of some time.
         */
        GrantCreate: {
            /**
             * Label
             * @description For whom
             * @example Annual audit
             */
            label: string;
            /** Campaigns */
            campaigns: string[];
            /**
             * Facts Since
             * Format: date-time
             * @description Block time from which facts may be seen
             */
            facts_since: string;
            /**
             * Facts Until
             * Format: date-time
             * @description Block time before which they may be seen
             */
            facts_until: string;
            /**
             * Expires At
             * Format: date-time
             * @description When the token ends, at most a year from now
             */
            expires_at: string;
        };
        /**
         * HeadsRead
         * @description Heights (block number or slot) per finality.
         */
        HeadsRead: {
            /** Included */
            included: number;
            /** Safe */
            safe: number;
            /** Finalized */
            finalized: number;
        };
        /**
         * Health
         * @description The process answers.
         */
        Health: {
            /**
             * Status
             * @default ok
             * @constant
             */
            status?: "ok";
        };
        /**
         * HitRead
         * @description Something that the searched text names.
         */
        HitRead: {
            /**
             * Kind
             * @description voucher, campaign, redemption, order, transaction, account or block
             * @example voucher
             */
            kind: string;
            /**
             * Id
             * @description As its own resource writes it
             * @example 6a47000000000000000000000000000000000000000000000000000000000001
             */
            id: string;
            /**
             * Because
             * @description `id`, or the name of the hash or party that matched
             * @example transaction
             */
            because: string;
            /**
             * Chain
             * @description CAIP-2, where one chain is meant
             * @example eip155:31337
             */
            chain: string | null;
        };
        /**
         * HoldingKind
         * @enum {string}
         */
        HoldingKind: "native" | "erc20" | "erc721" | "erc1155" | "spl" | "token_2022" | "voucher" | "points";
        /**
         * HoldingsRead
         * @description Everything of one account.
         */
        HoldingsRead: {
            /** Items */
            items: components["schemas"]["api__schemas__assets__HoldingRead"][];
            /**
             * Complete
             * @description False: more of the history is left to read; ask again
             */
            complete: boolean;
        };
        /**
         * IdentityRead
         * @description The caller's level. Only a person's decision gives `document`.
         */
        IdentityRead: {
            /**
             * Level
             * @enum {string}
             */
            level: "wallet" | "email" | "document";
            /**
             * Reviews
             * @description Newest first
             */
            reviews: components["schemas"]["ReviewRead"][];
        };
        /**
         * InstructionRead
         * @description One instruction in plain words.
         */
        InstructionRead: {
            /**
             * Program
             * @description Address of the program
             */
            program: string;
            /**
             * Kind
             * @description null: it cannot be read
             * @example transferChecked
             */
            kind: string | null;
            /**
             * Words
             * @description One sentence, in the caller's language
             */
            words: string;
            /**
             * Danger
             * @description Why to stop and read; null: it only does what it says
             */
            danger: string | null;
            /** Danger Words */
            danger_words: string | null;
        };
        /**
         * InvitationCreate
         * @description Whom to ask in.
         */
        InvitationCreate: {
            /**
             * Email
             * @example mei@example.com
             */
            email: string;
            /** @example cashier */
            role: components["schemas"]["MemberRole"];
        };
        /**
         * InvitationMade
         * @description A fresh invitation.
         */
        InvitationMade: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Organisation Id
             * Format: uuid
             */
            organisation_id: string;
            /**
             * Email
             * @example li@example.com
             */
            email: string;
            role: components["schemas"]["MemberRole"];
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            /**
             * Token
             * @description Also mailed where a mail server is configured; shown this once
             */
            token: string;
        };
        /**
         * IssuanceRead
         * @description A request to issue and what became of it.
         */
        IssuanceRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            status: components["schemas"]["IssuanceStatus"];
            /**
             * Holders
             * @description CAIP-10
             */
            holders: string[];
            /**
             * Vouchers
             * @description Voucher ids in the order of the holders; null until final
             */
            vouchers: (string | null)[];
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /** Created At */
            created_at: string;
        };
        /**
         * IssuanceStatus
         * @enum {string}
         */
        IssuanceStatus: "requested" | "in_flight" | "done" | "failed";
        /**
         * Joined
         * @description What was accepted.
         */
        Joined: {
            /**
             * Organisation Id
             * Format: uuid
             */
            organisation_id: string;
            role: components["schemas"]["MemberRole"];
        };
        /**
         * KeyForm
         * @description How a key is written.
         * @enum {string}
         */
        KeyForm: "hex" | "wif" | "solana_base58" | "solana_json" | "extended_key";
        /**
         * KeyImport
         * @description A wallet of one key, or of one branch of a tree.
         */
        KeyImport: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Key
             * Format: password
             * @description In the form named below
             */
            key: string;
            form: components["schemas"]["KeyForm"];
            /** @description Only of raw hexadecimal, which does not say it; secp256k1 by default */
            curve?: components["schemas"]["Curve"] | null;
        };
        /**
         * KeystoreImport
         * @description A wallet from a password-protected key file (version 3 or 1, scrypt or pbkdf2).
         */
        KeystoreImport: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * File
             * Format: password
             * @description The file's JSON text
             */
            file: string;
            /**
             * Password
             * Format: password
             * @description Of the file
             */
            password: string;
        };
        /**
         * LaneBody
         * @description How many vouchers on which chain.
         */
        LaneBody: {
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Cap
             * @description Most vouchers ever issued there
             * @example 50
             */
            cap: number;
        };
        /**
         * LaneRead
         * @description One chain's part of a campaign.
         */
        LaneRead: {
            /**
             * Lane
             * @description First byte of its serials
             */
            lane: number;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            status: components["schemas"]["CampaignStatus"];
            /** Cap */
            cap: number;
            /**
             * Reserved
             * @description Issued, or asked for
             */
            reserved: number;
            /**
             * Steps
             * @description Launch transactions so far
             */
            steps: number;
            /**
             * Issuer
             * @description CAIP-10
             */
            issuer: string;
            /**
             * Funder
             * @description CAIP-10
             */
            funder: string;
            /** @description What makes every voucher payable */
            full_funding: components["schemas"]["ChainAmount"];
            /** @description Why the launch stopped; launch again to go on */
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
        };
        /**
         * LeafRead
         * @description A leaf with its proof: enough to claim it, or to redeem straight from the drop.
         */
        LeafRead: {
            /**
             * Voucher
             * @description 64 hex digits
             */
            voucher: string;
            /** Index */
            index: number;
            /**
             * Holder
             * @description CAIP-10
             */
            holder: string;
            /**
             * Proof
             * @description Sisters from the leaf upwards, 64 hex digits each
             */
            proof: string[];
            /** Root */
            root: string;
        };
        /**
         * LeafRequest
         * @description Claim a leaf of a drop for the account that its list names.
         */
        LeafRequest: {
            /** Campaign */
            campaign: string;
            /**
             * Drop
             * @default 0
             */
            drop?: number;
            /** Account */
            account: string;
            /**
             * Index
             * @description Of several leaves, which
             */
            index?: number | null;
        };
        /**
         * LeavingRead
         * @description A part of what a payment takes away.
         */
        LeavingRead: {
            /** Asset */
            asset: string;
            /** Base Units */
            base_units: string;
            /** Recipient */
            recipient: string | null;
        };
        /**
         * LiabilityDayRead
         * @description At the end of one day in the zone.
         */
        LiabilityDayRead: {
            /**
             * Day
             * @example 2026-05-31
             */
            day: string;
            /** Issued */
            issued: number;
            /**
             * Ended
             * @description Used up or voided
             */
            ended: number;
            /** Outstanding */
            outstanding: number;
            /**
             * Liability Units
             * @description The most that live vouchers can still cost, base units
             */
            liability_units: string;
            /**
             * Breakage
             * @description Vouchers that ended unused; 0 before the window is over
             */
            breakage: number;
        };
        /**
         * LiabilityRead
         * @description What a lane may still cost, and what was never used; base units, and numbers of vouchers.
         */
        LiabilityRead: {
            /** Chain */
            chain: string;
            /** Asset */
            asset: string;
            /** Funded */
            funded: string;
            /** Paid */
            paid: string;
            /** Issued */
            issued: number;
            /** Redeemed */
            redeemed: number;
            /** Outstanding */
            outstanding: number;
            /**
             * Liability
             * @description The most that live vouchers can still cost
             */
            liability: string;
            /** Escrow */
            escrow: string;
            /**
             * Surplus
             * @description What no voucher can claim any more
             */
            surplus: string;
            /**
             * Breakage
             * @description Vouchers that ended unused
             */
            breakage: number;
            /**
             * Breakage Bp
             * @description The same in basis points of those issued
             */
            breakage_bp: number;
        };
        /**
         * LimitBody
         * @description At most so many redemptions of the campaign by one entity in one period.
         */
        LimitBody: {
            /** @description `holder_wallet`, `holder_email`, `holder_document`: one holder who is known exactly so well */
            entity: components["schemas"]["LimitEntity"];
            period: components["schemas"]["LimitPeriod"];
            /**
             * Count
             * @description 0, for a level only: holders of this level cannot redeem
             */
            count: number;
        };
        /**
         * LimitEntity
         * @description Whose redemptions a limit counts. A holder is an account, and the person who pays with it; a limit of a level
         *     bounds those only who are known exactly so well when they pay.
         * @enum {string}
         */
        LimitEntity: "campaign" | "holder" | "holder_wallet" | "holder_email" | "holder_document" | "merchant";
        /**
         * LimitPeriod
         * @description Calendar periods begin at midnight in the campaign's zone; weeks on Monday.
         * @enum {string}
         */
        LimitPeriod: "ever" | "day" | "week" | "month";
        /**
         * LimitRead
         * @description A limit, and how much of it is used.
         */
        LimitRead: {
            /** Rule */
            rule: string;
            /**
             * Window
             * @enum {string}
             */
            window: "payment" | "day" | "rolling";
            /** Seconds */
            seconds: number;
            /**
             * Unit
             * @description CAIP-19, or ISO 4217
             */
            unit: string;
            /** At Most */
            at_most: string;
            /** Used */
            used: string;
            /** Left */
            left: string;
            /** Since */
            since: string | null;
        };
        /**
         * LineBody
         * @description One line of the cart, with tax, after price promotions. What it leaves out is taken from the shop's catalogue.
         */
        LineBody: {
            /**
             * Sku
             * @description Of the shop's catalogue, where it keeps one; `counter` for an amount typed at the till
             * @example tea-001
             */
            sku: string;
            /**
             * Name
             * @description Default: the catalogue's
             * @example 龙井 250g
             */
            name?: string | null;
            /**
             * Quantity
             * @example 1
             */
            quantity: number;
            /**
             * Unit Price Minor
             * @description Minor units; default: the catalogue's
             * @example 10000
             */
            unit_price_minor?: number | null;
            /**
             * Category
             * @description Default: the catalogue's
             */
            category?: string | null;
        };
        /** LineRead */
        LineRead: {
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            /** Quantity */
            quantity: number;
            /** Unit Price Minor */
            unit_price_minor: number;
            /** Category */
            category: string | null;
        };
        /**
         * LinkForm
         * @enum {string}
         */
        LinkForm: "eip681" | "solana_pay" | "account";
        /**
         * LinkPurpose
         * @enum {string}
         */
        LinkPurpose: "claim" | "visit" | "referral";
        /**
         * LinkRead
         * @description A link. `code` is told when it is made and never again.
         */
        LinkRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            purpose: components["schemas"]["LinkPurpose"];
            /**
             * Code
             * @description 40 letters and digits: put it into a URL, a QR code or on a card
             */
            code: string | null;
            /**
             * Url
             * @description Of the claim page, with the code; `GET /claims/{code}/qr` draws it
             * @example https://pay.example/claim#ABCDEFGHIJKLMNOPQRSTUVWXYZ234567ABCDEFGH
             */
            url: string | null;
            /** Uses */
            uses: number | null;
            /** Used */
            used: number;
            /** Per Identity */
            per_identity: number | null;
            /** Closes At */
            closes_at: string | null;
            /** Revoked At */
            revoked_at: string | null;
            /** Note */
            note: string | null;
            /**
             * Level
             * @enum {string}
             */
            level: "wallet" | "email" | "document";
            /** Created At */
            created_at: string;
        };
        /**
         * LinkedWalletRead
         * @description An account that signs the caller in.
         */
        LinkedWalletRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Account
             * @example ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /** Linked At */
            linked_at: string;
        };
        /**
         * LinksBody
         * @description New claim links.
         */
        LinksBody: {
            /**
             * Count
             * @default 1
             */
            count?: number;
            /**
             * Uses
             * @description How often each works; null: while stocks last
             * @default 1
             */
            uses?: number | null;
            /**
             * Per Identity
             * @description Per account, person or device
             * @default 1
             */
            per_identity?: number | null;
            /** Closes At */
            closes_at?: string | null;
            /** Note */
            note?: string | null;
            /**
             * Level
             * @description How well somebody must be known: by nothing, a verified address, a document
             * @default wallet
             * @enum {string}
             */
            level?: "wallet" | "email" | "document";
        };
        /** LockRead */
        LockRead: {
            /**
             * Quote
             * Format: uuid
             */
            quote: string;
            /** Locked Until */
            locked_until: string;
        };
        /**
         * LockRequest
         * @description Hold a quote for a while.
         */
        LockRequest: {
            /**
             * Quote
             * Format: uuid
             */
            quote: string;
            /**
             * Lock Seconds
             * @example 60
             */
            lock_seconds: number;
        };
        /**
         * LogProofRead
         * @description An entry of the audit log below a signed root; `keystore.audit_verifier.inclusion` checks both anywhere.
         */
        LogProofRead: {
            /** Root */
            root: {
                [key: string]: unknown;
            };
            /** Proof */
            proof: {
                [key: string]: unknown;
            };
        };
        /**
         * Login
         * @description E-mail and password.
         */
        Login: {
            /**
             * Email
             * @example mei@example.com
             */
            email: string;
            /**
             * Password
             * Format: password
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Code
             * @description Six digits of the authenticator, or a recovery code, where a second factor is used
             */
            code?: string | null;
            /**
             * Device
             * @description Label in the list of sessions
             * @default unnamed device
             * @example Mei's phone
             */
            device?: string;
            /**
             * Transport
             * @description `cookie` sets an HttpOnly session cookie and keeps the token out of the answer (for pages)
             * @default bearer
             * @enum {string}
             */
            transport?: "bearer" | "cookie";
        };
        /**
         * LoginMethod
         * @description How a session was opened.
         * @enum {string}
         */
        LoginMethod: "password" | "second_factor" | "passkey" | "wallet" | "link";
        /**
         * Me
         * @description The caller and the session of this request.
         */
        Me: {
            person: components["schemas"]["PersonRead"];
            /**
             * Platform Roles
             * @example [
             *       "auditor"
             *     ]
             */
            platform_roles: components["schemas"]["PlatformRole"][];
            /** Memberships */
            memberships: components["schemas"]["MembershipRead"][];
            /**
             * Session Id
             * Format: uuid
             */
            session_id: string;
            /** Session Expires At */
            session_expires_at: string;
            /**
             * Csrf Token
             * @description For the header `X-CSRF-Token` of writes by cookie
             */
            csrf_token: string;
            /**
             * Passphrase Set
             * @description Whether the caller's keystore has its passphrase
             */
            passphrase_set: boolean;
            /**
             * Unlocked Until
             * @description When the keys lock themselves; null while they are locked
             */
            unlocked_until: string | null;
        };
        /**
         * MemberAdd
         * @description A registered person to add, or a member whose role changes.
         */
        MemberAdd: {
            /**
             * Email
             * @example mei@example.com
             */
            email: string;
            /** @example cashier */
            role: components["schemas"]["MemberRole"];
        };
        /**
         * MemberRead
         * @description A member.
         */
        MemberRead: {
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /**
             * Email
             * @description Masked for all but owners
             * @example li@example.com
             */
            email: string | null;
            /**
             * Display Name
             * @example 李
             */
            display_name: string;
            role: components["schemas"]["MemberRole"];
            /** Since */
            since: string;
        };
        /**
         * MemberRole
         * @description A person's role in one organisation.
         * @enum {string}
         */
        MemberRole: "owner" | "manager" | "cashier" | "sponsor" | "auditor";
        /**
         * MembershipRead
         * @description The caller's role in one organisation.
         */
        MembershipRead: {
            /**
             * Organisation Id
             * Format: uuid
             */
            organisation_id: string;
            /** @example owner */
            role: components["schemas"]["MemberRole"];
        };
        /**
         * MessageRead
         * @description One thing said.
         */
        MessageRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            side: components["schemas"]["Side"];
            /**
             * Text
             * @example We look into it.
             */
            text: string;
            /** At */
            at: string;
        };
        /**
         * MethodHealthRead
         * @description How one JSON-RPC method of one node has answered lately, as this process has seen it.
         */
        MethodHealthRead: {
            /**
             * Method
             * @description `*`: the node as a whole
             * @example eth_getLogs
             */
            method: string;
            /**
             * Failures
             * @description In a row; 0: the last answer was good
             */
            failures: number;
            /**
             * Milliseconds
             * @description Smoothed time of an answer; null before the first
             */
            milliseconds: number | null;
            /**
             * Paused Milliseconds
             * @description How much longer others are asked instead; 0: it is asked
             */
            paused_milliseconds: number;
            /**
             * Reason
             * @description Of the last failure
             * @example HTTP 429
             */
            reason: string | null;
        };
        /**
         * MnemonicRead
         * @description The words, once: write them down; they are not stored by any browser or proxy.
         */
        MnemonicRead: {
            /**
             * Mnemonic
             * @description Words separated by spaces (Japanese: ideographic spaces)
             */
            mnemonic: string;
        };
        /**
         * NetworkRead
         * @description A network and every known way to count its accounts, ours first.
         */
        NetworkRead: {
            /**
             * Network
             * @description CAIP-2
             * @example bip122:000000000019d6689c085ae165831e93
             */
            network: string;
            /**
             * Name
             * @example Bitcoin
             */
            name: string;
            /**
             * Symbol
             * @example BTC
             */
            symbol: string;
            /** Schemes */
            schemes: components["schemas"]["SchemeRead"][];
        };
        /**
         * NoWorth
         * @description Why something has no worth in the total. The first two make the total partial, the others never belong in it.
         * @enum {string}
         */
        NoWorth: "price_missing" | "price_stale" | "collectible" | "not_trusted" | "not_money";
        /**
         * NodeRead
         * @description One node of a chain.
         */
        NodeRead: {
            /**
             * Place
             * @description Scheme, host and port; for operators only
             * @example http://bor:8545
             */
            place: string | null;
            /**
             * Healthy
             * @description It serves the right chain and no method of it is in a pause
             */
            healthy: boolean;
            /**
             * Serves
             * @description The chain that it serves, when that is the wrong one
             */
            serves: string | null;
            /** Methods */
            methods: components["schemas"]["MethodHealthRead"][];
        };
        /**
         * NotificationKind
         * @description What a person can be told of, and switch off or have by mail one by one.
         * @enum {string}
         */
        NotificationKind: "launch" | "received" | "expiring" | "redeemed" | "refunded" | "frozen" | "payment_failed" | "dispute" | "case" | "webhook" | "account";
        /**
         * NotificationRead
         * @description One thing told to the caller, in the caller's language and zone.
         */
        NotificationRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            kind: components["schemas"]["NotificationKind"];
            /**
             * Title
             * @example 3 vouchers end soon
             */
            title: string;
            /**
             * Body
             * @example “满100减20” can be used until 31 May 2026, 23:59 (Asia/Shanghai).
             */
            body: string;
            /**
             * Facts
             * @description Ids and names behind the text
             * @example {
             *       "campaign": "0a1b"
             *     }
             */
            facts: {
                [key: string]: unknown;
            };
            /** Created At */
            created_at: string;
            /** Read At */
            read_at: string | null;
        };
        /**
         * NotificationsRead
         * @description Which notifications were read.
         */
        NotificationsRead: {
            /**
             * Ids
             * @description All of them where this is left out
             */
            ids?: string[] | null;
        };
        /**
         * OfferedGift
         * @description A gift that points buy.
         */
        OfferedGift: {
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            unit_price: components["schemas"]["CurrencyAmount"];
            /** Available */
            available: number;
            /** Programme */
            programme: string;
            /** Points Price */
            points_price: number;
        };
        /**
         * OptionsRead
         * @description For `navigator.credentials`; good for five minutes, and once.
         */
        OptionsRead: {
            /**
             * Public Key
             * @description For `PublicKeyCredential.parse…OptionsFromJSON`
             * @example {
             *       "challenge": "AQID"
             *     }
             */
            public_key: {
                [key: string]: unknown;
            };
        };
        /**
         * OrderCreate
         * @description A cart to charge.
         */
        OrderCreate: {
            /**
             * Currency
             * @example CNY
             */
            currency: string;
            /** Lines */
            lines: components["schemas"]["LineBody"][];
            /** Store */
            store?: string | null;
            /**
             * Reference
             * @description The merchant's own, shown to the holder
             */
            reference?: string | null;
            /**
             * Expires At
             * @description A payment must begin before it
             */
            expires_at?: string | null;
            /**
             * @description recorded: what vouchers do not cover is paid by hand, and entered with `tender`
             * @default onchain
             */
            remainder_by?: components["schemas"]["RemainderBy"];
            /**
             * Batch
             * @description May wait a second for other orders of a busy till, to be redeemed in one transaction (EVM); the vouchers' payouts are then the merchant's credit, to be settled
             * @default false
             */
            batch?: boolean;
        };
        /**
         * OrderPay
         * @description Which quote to pay; signed by the caller's unlocked wallet.
         */
        OrderPay: {
            /**
             * Quote
             * Format: uuid
             */
            quote: string;
        };
        /**
         * OrderProgress
         * @description An order and its last attempt to pay.
         */
        OrderProgress: {
            order: components["schemas"]["OrderRead"];
            payment: components["schemas"]["PaymentRead"] | null;
        };
        /**
         * OrderRead
         * @description An order. Whoever has its id may see it; the id is what the till's QR carries.
         */
        OrderRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Merchant
             * Format: uuid
             * @description The organisation that charges
             */
            merchant: string;
            /** Merchant Name */
            merchant_name: string;
            status: components["schemas"]["OrderStatus"];
            /** Currency */
            currency: string;
            total: components["schemas"]["CurrencyAmount"];
            /** Lines */
            lines: components["schemas"]["LineRead"][];
            /** Store */
            store: string | null;
            /** Reference */
            reference: string | null;
            remainder_by: components["schemas"]["RemainderBy"];
            /**
             * Batch
             * @description May be redeemed in one transaction with other orders
             */
            batch: boolean;
            /**
             * Locked Until
             * @description Until then only the quote that holds the order pays it
             */
            locked_until: string | null;
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string | null;
            /**
             * Paid At
             * @description When the payment was final
             */
            paid_at: string | null;
            /** @description Why the last attempt to pay ended; the order is open again */
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
        };
        /**
         * OrderStatus
         * @description open → pending → paid; a payment that fails puts it back to open.
         * @enum {string}
         */
        OrderStatus: "open" | "pending" | "paid" | "cancelled";
        /**
         * OrderSubmit
         * @description A quote to pay with what an outside wallet signed.
         */
        OrderSubmit: {
            /**
             * Quote
             * Format: uuid
             */
            quote: string;
            /**
             * Consents
             * @description 65 bytes r ‖ s ‖ v in hex, v 0, 1, 27 or 28
             */
            consents: {
                [key: string]: string;
            };
        };
        /**
         * OrganisationAccountRead
         * @description One of its accounts on a chain.
         */
        OrganisationAccountRead: {
            /**
             * Purpose
             * @description `issuer` issues vouchers; `treasury` pays and is paid
             * @example treasury
             */
            purpose: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Account
             * @description CAIP-10
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
        };
        /**
         * OrganisationCreate
         * @description A new organisation; the caller becomes its owner.
         */
        OrganisationCreate: {
            /**
             * Name
             * @description Shown to holders of its vouchers
             * @example 梅记茶馆
             */
            name: string;
        };
        /**
         * OrganisationRead
         * @description An organisation as its members see it.
         */
        OrganisationRead: {
            /**
             * Id
             * Format: uuid
             * @description Also the tenant of what it owns
             */
            id: string;
            /**
             * Name
             * @example 梅记茶馆
             */
            name: string;
            /** @description The caller's role in it */
            role: components["schemas"]["MemberRole"];
            /** Created At */
            created_at: string;
            /**
             * Accounts
             * @description Empty until its accounts on the chains are made
             */
            accounts: components["schemas"]["OrganisationAccountRead"][];
        };
        /**
         * Outcome
         * @description allow < second_factor < approval < deny: the strictest of all rules counts, whatever their order.
         * @enum {string}
         */
        "Outcome-Input": "allow" | "second_factor" | "approval" | "deny";
        /**
         * OverrideRead
         * @description Somebody's word that it is all right.
         */
        OverrideRead: {
            /**
             * How
             * @description accepted: by the warning's code, before signing; overridden: afterwards, with a reason
             * @enum {string}
             */
            how: "accepted" | "overridden";
            /** Rules */
            rules: string[];
            /**
             * By
             * Format: uuid
             */
            by: string;
            /** Reason */
            reason: string | null;
            /** Created At */
            created_at: string;
            /**
             * Expires At
             * @description Until then the rules do not stop an equal act
             */
            expires_at: string | null;
        };
        /**
         * OverrideRequest
         * @description Why it is all right. `code`: of the authenticator, for whoever uses one.
         */
        OverrideRequest: {
            /**
             * Reason
             * @example this is my own second wallet
             */
            reason: string;
            /** Code */
            code?: string | null;
        };
        /** Page[AccountRead] */
        Page_AccountRead_: {
            /** Items */
            items: components["schemas"]["AccountRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[AddressRead] */
        Page_AddressRead_: {
            /** Items */
            items: components["schemas"]["AddressRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[AlarmRead] */
        Page_AlarmRead_: {
            /** Items */
            items: components["schemas"]["AlarmRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[AlertRead] */
        Page_AlertRead_: {
            /** Items */
            items: components["schemas"]["AlertRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ApiKeyRead] */
        Page_ApiKeyRead_: {
            /** Items */
            items: components["schemas"]["ApiKeyRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ApprovalRead] */
        Page_ApprovalRead_: {
            /** Items */
            items: components["schemas"]["api__schemas__policies__ApprovalRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[BoardLaneRead] */
        Page_BoardLaneRead_: {
            /** Items */
            items: components["schemas"]["BoardLaneRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[BudgetRead] */
        Page_BudgetRead_: {
            /** Items */
            items: components["schemas"]["BudgetRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CampaignRead] */
        Page_CampaignRead_: {
            /** Items */
            items: components["schemas"]["CampaignRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CandidateRead] */
        Page_CandidateRead_: {
            /** Items */
            items: components["schemas"]["CandidateRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CaseRead] */
        Page_CaseRead_: {
            /** Items */
            items: components["schemas"]["CaseRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CatalogueItemRead] */
        Page_CatalogueItemRead_: {
            /** Items */
            items: components["schemas"]["CatalogueItemRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CaughtMail] */
        Page_CaughtMail_: {
            /** Items */
            items: components["schemas"]["CaughtMail"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ChainRead] */
        Page_ChainRead_: {
            /** Items */
            items: components["schemas"]["ChainRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ClaimRead] */
        Page_ClaimRead_: {
            /** Items */
            items: components["schemas"]["ClaimRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CohortRead] */
        Page_CohortRead_: {
            /** Items */
            items: components["schemas"]["CohortRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ContactRead] */
        Page_ContactRead_: {
            /** Items */
            items: components["schemas"]["ContactRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[CostRead] */
        Page_CostRead_: {
            /** Items */
            items: components["schemas"]["api__schemas__guidance__CostRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[DebtRead] */
        Page_DebtRead_: {
            /** Items */
            items: components["schemas"]["DebtRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[DecisionRead] */
        Page_DecisionRead_: {
            /** Items */
            items: components["schemas"]["DecisionRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[FollowedRead] */
        Page_FollowedRead_: {
            /** Items */
            items: components["schemas"]["FollowedRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[FreezeRead] */
        Page_FreezeRead_: {
            /** Items */
            items: components["schemas"]["FreezeRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[GiftRead] */
        Page_GiftRead_: {
            /** Items */
            items: components["schemas"]["GiftRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[HitRead] */
        Page_HitRead_: {
            /** Items */
            items: components["schemas"]["HitRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[LeafRead] */
        Page_LeafRead_: {
            /** Items */
            items: components["schemas"]["LeafRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[LiabilityRead] */
        Page_LiabilityRead_: {
            /** Items */
            items: components["schemas"]["LiabilityRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[LimitRead] */
        Page_LimitRead_: {
            /** Items */
            items: components["schemas"]["LimitRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[LinkRead] */
        Page_LinkRead_: {
            /** Items */
            items: components["schemas"]["LinkRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[LinkedWalletRead] */
        Page_LinkedWalletRead_: {
            /** Items */
            items: components["schemas"]["LinkedWalletRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[MemberRead] */
        Page_MemberRead_: {
            /** Items */
            items: components["schemas"]["MemberRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[NetworkRead] */
        Page_NetworkRead_: {
            /** Items */
            items: components["schemas"]["NetworkRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[NotificationRead] */
        Page_NotificationRead_: {
            /** Items */
            items: components["schemas"]["NotificationRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[OfferedGift] */
        Page_OfferedGift_: {
            /** Items */
            items: components["schemas"]["OfferedGift"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[OrderRead] */
        Page_OrderRead_: {
            /** Items */
            items: components["schemas"]["OrderRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[OrganisationRead] */
        Page_OrganisationRead_: {
            /** Items */
            items: components["schemas"]["OrganisationRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[PasskeyRead] */
        Page_PasskeyRead_: {
            /** Items */
            items: components["schemas"]["PasskeyRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[PayRequestRead] */
        Page_PayRequestRead_: {
            /** Items */
            items: components["schemas"]["PayRequestRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[PayoutRead] */
        Page_PayoutRead_: {
            /** Items */
            items: components["schemas"]["PayoutRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[PointsRead] */
        Page_PointsRead_: {
            /** Items */
            items: components["schemas"]["PointsRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[PowerRead] */
        Page_PowerRead_: {
            /** Items */
            items: components["schemas"]["PowerRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ProgrammeRead] */
        Page_ProgrammeRead_: {
            /** Items */
            items: components["schemas"]["ProgrammeRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[QuestionRead] */
        Page_QuestionRead_: {
            /** Items */
            items: components["schemas"]["QuestionRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ReceivableRead] */
        Page_ReceivableRead_: {
            /** Items */
            items: components["schemas"]["ReceivableRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ReconciliationRead] */
        Page_ReconciliationRead_: {
            /** Items */
            items: components["schemas"]["ReconciliationRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[RefundRead] */
        Page_RefundRead_: {
            /** Items */
            items: components["schemas"]["RefundRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ReviewRead] */
        Page_ReviewRead_: {
            /** Items */
            items: components["schemas"]["ReviewRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[SessionRead] */
        Page_SessionRead_: {
            /** Items */
            items: components["schemas"]["SessionRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[StepRead] */
        Page_StepRead_: {
            /** Items */
            items: components["schemas"]["api__schemas__guidance__StepRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[StoreRead] */
        Page_StoreRead_: {
            /** Items */
            items: components["schemas"]["StoreRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[SwapRead] */
        Page_SwapRead_: {
            /** Items */
            items: components["schemas"]["SwapRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[TemplateRead] */
        Page_TemplateRead_: {
            /** Items */
            items: components["schemas"]["TemplateRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[TransferRead] */
        Page_TransferRead_: {
            /** Items */
            items: components["schemas"]["TransferRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[TriggerRead] */
        Page_TriggerRead_: {
            /** Items */
            items: components["schemas"]["TriggerRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[VoucherRead] */
        Page_VoucherRead_: {
            /** Items */
            items: components["schemas"]["VoucherRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[WaitingLeaf] */
        Page_WaitingLeaf_: {
            /** Items */
            items: components["schemas"]["WaitingLeaf"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[WalletRead] */
        Page_WalletRead_: {
            /** Items */
            items: components["schemas"]["WalletRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[WebhookRead] */
        Page_WebhookRead_: {
            /** Items */
            items: components["schemas"]["WebhookRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[WordRead] */
        Page_WordRead_: {
            /** Items */
            items: components["schemas"]["WordRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /**
         * PartnerRead
         * @description An organisation that a campaign names, and its word.
         */
        PartnerRead: {
            /**
             * Organisation
             * Format: uuid
             */
            organisation: string;
            /**
             * Share Bp
             * @description What it bears of each discount, in basis points
             */
            share_bp: number;
            /**
             * Answer
             * @description accepted, refused, or null
             */
            answer: string | null;
            /** Answered At */
            answered_at: string | null;
        };
        /**
         * PasskeyAdd
         * @description A device's answer to the options, and a name for it.
         */
        PasskeyAdd: {
            /**
             * Label
             * @example Mei's phone
             */
            label: string;
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()` of the browser
             * @example {
             *       "id": "AQID",
             *       "rawId": "AQID",
             *       "response": {},
             *       "type": "public-key"
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
        };
        /**
         * PasskeyLogin
         * @description A device's answer to the options of the login.
         */
        PasskeyLogin: {
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()` of the browser
             * @example {
             *       "id": "AQID",
             *       "rawId": "AQID",
             *       "response": {},
             *       "type": "public-key"
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Device
             * @description Label in the list of sessions
             * @default unnamed device
             * @example Mei's phone
             */
            device?: string;
            /**
             * Transport
             * @description `cookie` sets an HttpOnly session cookie and keeps the token out of the answer (for pages)
             * @default bearer
             * @enum {string}
             */
            transport?: "bearer" | "cookie";
        };
        /**
         * PasskeyRead
         * @description One passkey.
         */
        PasskeyRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Label
             * @example Mei's phone
             */
            label: string;
            /** Created At */
            created_at: string;
            /** Last Used At */
            last_used_at: string | null;
            /**
             * Unlocks Keys
             * @description Whether it also opens the keystore, by the device's PRF
             */
            unlocks_keys: boolean;
        };
        /**
         * PasskeyUnlock
         * @description A device's answer to the options of the unlock.
         */
        PasskeyUnlock: {
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()` of the browser
             * @example {
             *       "id": "AQID",
             *       "rawId": "AQID",
             *       "response": {},
             *       "type": "public-key"
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Device Answer
             * @description First result of the PRF extension: 32 bytes in base64url
             * @example AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
             */
            device_answer: string;
        };
        /**
         * Passphrase
         * @description The passphrase of the caller's keystore: not the login password, and never recoverable.
         */
        Passphrase: {
            /**
             * Passphrase
             * Format: password
             * @example correct horse battery staple
             */
            passphrase: string;
        };
        /**
         * PassphraseChange
         * @description Another passphrase of the keystore; every unlock ends.
         */
        PassphraseChange: {
            /**
             * Old
             * Format: password
             * @example correct horse battery staple
             */
            old: string;
            /**
             * New
             * Format: password
             * @description 8 to 1,024 characters
             * @example correct horse battery staple
             */
            new: string;
        };
        /**
         * PasswordChange
         * @description Another login password; every other session ends.
         */
        PasswordChange: {
            /**
             * Old
             * Format: password
             * @description The one until now; empty for who has none yet
             * @default
             */
            old?: string;
            /**
             * New
             * Format: password
             * @description 10 to 256 characters
             * @example correct horse battery staple
             */
            new: string;
        };
        /**
         * PayAccount
         * @description Who would pay.
         */
        PayAccount: {
            /**
             * Account
             * @description Solana address
             * @example So11111111111111111111111111111111111111112
             */
            account: string;
        };
        /**
         * PayLabel
         * @description What a wallet shows of who asks, as the Solana Pay specification has it.
         */
        PayLabel: {
            /** Label */
            label: string;
            /** Icon */
            icon: string;
        };
        /**
         * PayLinkRead
         * @description What a link asks for.
         */
        PayLinkRead: {
            /**
             * Kind
             * @enum {string}
             */
            kind: "transfer" | "transaction";
            /**
             * Url
             * @description Of a transaction request: the server that composes it
             */
            url: string | null;
            /**
             * Recipient
             * @description Solana address
             */
            recipient: string | null;
            /**
             * Amount
             * @description Units as people write them; null: the payer chooses
             */
            amount: string | null;
            /**
             * Spl Token
             * @description Mint; null: SOL
             */
            spl_token: string | null;
            /** References */
            references: string[];
            /** Label */
            label: string | null;
            /** Message */
            message: string | null;
            /** Memo */
            memo: string | null;
        };
        /**
         * PayLinkText
         * @description A `solana:` link, as a QR code holds it.
         */
        PayLinkText: {
            /** Link */
            link: string;
        };
        /**
         * PayRequestCreate
         * @description What to ask for, in an asset of a Solana chain.
         */
        PayRequestCreate: {
            /**
             * Asset
             * @description CAIP-19
             * @example solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1/slip44:501
             */
            asset: string;
            /**
             * Base Units
             * @description Integer base units
             * @example 1500000000
             */
            base_units: string;
            /**
             * Label
             * @example 茶馆
             */
            label: string;
            /** Message */
            message?: string | null;
            /**
             * Memo
             * @description Text that the payment must carry on the chain
             */
            memo?: string | null;
        };
        /**
         * PayRequestRead
         * @description A payment request. Show one of the links as a QR code.
         */
        PayRequestRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Status
             * @description pending: seen on the chain, not final yet; paid: final, and counted for no other request
             * @enum {string}
             */
            status: "open" | "pending" | "paid" | "expired";
            /**
             * Transfer Link
             * @description Solana Pay transfer request: any wallet can pay it
             */
            transfer_link: string;
            /**
             * Transaction Link
             * @description Solana Pay transaction request: the wallet asks this server
             */
            transaction_link: string;
            amount: components["schemas"]["ChainAmount"];
            /**
             * Recipient
             * @description CAIP-10
             */
            recipient: string;
            /**
             * Reference
             * @description The address that names this request in its payment
             */
            reference: string;
            /** Label */
            label: string;
            /** Message */
            message: string | null;
            /** Memo */
            memo: string | null;
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            seen: components["schemas"]["SeenPaymentRead"] | null;
            /**
             * Signature
             * @description Of the payment, once paid
             */
            signature: string | null;
            /**
             * Payer
             * @description CAIP-10, once paid
             */
            payer: string | null;
            /** Paid At */
            paid_at: string | null;
        };
        /**
         * PayTransaction
         * @description An unsigned transaction, as the Solana Pay specification has it.
         */
        PayTransaction: {
            /**
             * Transaction
             * @description base64
             */
            transaction: string;
            /** Message */
            message?: string | null;
        };
        /**
         * PaymentRead
         * @description An attempt to pay and the transaction that carries it.
         */
        PaymentRead: {
            /**
             * Order
             * Format: uuid
             */
            order: string;
            /** Attempt */
            attempt: number;
            /** @description final: paid for good; failed: no effect, the order is open again */
            status: components["schemas"]["AttemptStatus"];
            /** Chain */
            chain: string;
            /** Account */
            account: string;
            /** Order Hash */
            order_hash: string;
            /** Payment */
            payment: string | null;
            /** Tx Hash */
            tx_hash: string | null;
            /** Height */
            height: number | null;
            /**
             * Finality
             * @description included, safe or finalized, once in a block
             */
            finality: string | null;
            /** Redemptions */
            redemptions: components["schemas"]["RedemptionRead"][];
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * PaymentRequestMake
         * @description What to ask for.
         */
        PaymentRequestMake: {
            /**
             * Account
             * @description CAIP-10, one of the caller's: it is paid
             */
            account: string;
            /**
             * Asset
             * @description CAIP-19, a coin or token of the same chain
             */
            asset: string;
            /**
             * Base Units
             * @description null: the payer chooses
             */
            base_units?: string | null;
            /**
             * Label
             * @description Who asks; in Solana links only
             */
            label?: string | null;
            /**
             * Message
             * @description What for; in Solana links only
             */
            message?: string | null;
        };
        /**
         * PaymentRequestRead
         * @description A link that asks for a payment, and its QR code.
         */
        PaymentRequestRead: {
            /**
             * Link
             * @example ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266@31337?value=1000
             */
            link: string;
            form: components["schemas"]["LinkForm"];
            /** Account */
            account: string;
            amount: components["schemas"]["ChainAmount"] | null;
            /**
             * Qr Svg
             * @description The link as an SVG picture
             */
            qr_svg: string;
        };
        /**
         * PaymentState
         * @enum {string}
         */
        PaymentState: "unsigned" | "in_flight" | "done" | "failed";
        /**
         * PaymentText
         * @description What was scanned, pasted or dropped.
         */
        PaymentText: {
            /**
             * Text
             * @example ethereum:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266@31337?value=1000
             */
            text: string;
            /**
             * Chain
             * @description CAIP-2, where the caller would pay; for texts that name no chain
             */
            chain?: string | null;
        };
        /**
         * Payout
         * @description How the sponsor's share reaches the merchant.
         * @enum {string}
         */
        Payout: "immediate" | "accrued";
        /**
         * PayoutRead
         * @description One treasury, day and asset; amounts in base units, from final chain facts only.
         */
        PayoutRead: {
            /**
             * Day
             * @example 2026-05-31
             */
            day: string;
            /**
             * Merchant
             * @description CAIP-10
             */
            merchant: string;
            /**
             * Asset
             * @description CAIP-19
             */
            asset: string;
            /** Redemptions */
            redemptions: number;
            /**
             * Paid
             * @description By escrow at once, or by settling credit
             */
            paid: string;
            /**
             * Credited
             * @description Kept by the book for a later settlement; minus what was settled
             */
            credited: string;
            /**
             * Remainders
             * @description Paid by holders beside their vouchers
             */
            remainders: string;
            /**
             * Returned
             * @description Paid back, to escrow or to holders
             */
            returned: string;
            /**
             * Sponsor Share
             * @description Of the discounts given
             */
            sponsor_share: string;
            /**
             * Merchant Share
             * @description Of the discounts given
             */
            merchant_share: string;
        };
        /**
         * PersonDataRead
         * @description Everything that is kept about the caller. Built for this answer and kept nowhere.
         */
        PersonDataRead: {
            /**
             * Data
             * @example {
             *       "format": 1,
             *       "person": {
             *         "display_name": "梅"
             *       }
             *     }
             */
            data: {
                [key: string]: unknown;
            };
        };
        /**
         * PersonRead
         * @description A person.
         */
        PersonRead: {
            /**
             * Id
             * Format: uuid
             * @description Also the tenant of what the person owns
             */
            id: string;
            /**
             * Email
             * @description Null for who signs in with a wallet only
             * @example mei@example.com
             */
            email: string | null;
            /**
             * Email Verified
             * @description Whether the person has shown to read the mailbox
             */
            email_verified: boolean;
            /**
             * Display Name
             * @example 梅
             */
            display_name: string;
        };
        /**
         * PlaceRead
         * @description Where an act was read on its chain.
         */
        PlaceRead: {
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Height
             * @description Block number or slot
             * @example 4
             */
            height: number;
            /**
             * Block Hash
             * @description As the chain writes it: 0x-hex or base58
             * @example 0x1773e745e680fb4d…
             */
            block_hash: string;
            /**
             * Transaction Index
             * @description Place of the transaction in its block
             * @example 5
             */
            transaction_index: number;
            /**
             * Event Index
             * @description Place of the event (EVM: log index in the block)
             * @example 1
             */
            event_index: number;
            /**
             * Transaction
             * @description 0x-hex hash or base58 signature
             * @example 0xe4abdb44f926ddf8…
             */
            transaction: string;
            /**
             * Block Time
             * @description RFC 3339
             */
            block_time: string;
            /**
             * Finality
             * @description included, safe or finalized; null for a block that is no longer on the chain
             * @example finalized
             */
            finality: string | null;
        };
        /**
         * PlatformRole
         * @description A role above all organisations.
         * @enum {string}
         */
        PlatformRole: "auditor" | "operator";
        /**
         * PointsAct
         * @description Why an entry was made.
         * @enum {string}
         */
        PointsAct: "earn" | "hold" | "release" | "spend" | "gift" | "return" | "take_back" | "expire";
        /**
         * PointsAttestation
         * @description The installation's signature over how many entries there are, what the newest hashes to, and what is available.
         *
         *     As in proof bundles: ed25519 over `quanbao.attestation.v1`, a line feed, and the statement's canonical JSON.
         */
        PointsAttestation: {
            /**
             * Key
             * @description ed25519, 64 hex digits
             */
            key: string;
            /** Statement */
            statement: {
                [key: string]: string | number;
            };
            /**
             * Signature
             * @description 128 hex digits
             */
            signature: string;
        };
        /**
         * PointsEntryRead
         * @description One act. `hash` is the keccak256 of its canonical JSON with the hash of the entry before.
         */
        PointsEntryRead: {
            /** Number */
            number: number;
            act: components["schemas"]["PointsAct"];
            /**
             * At
             * @description Block time, Unix seconds
             */
            at: number;
            /**
             * Reference
             * @description The order or the gift's delivery
             */
            reference: string | null;
            /**
             * Postings
             * @description They sum to zero
             */
            postings: {
                [key: string]: number;
            };
            /**
             * Hash
             * @description 64 hex digits
             */
            hash: string;
        };
        /**
         * PointsRead
         * @description The caller's points of one programme.
         */
        PointsRead: {
            /** Programme */
            programme: string;
            /**
             * Shop
             * Format: uuid
             */
            shop: string;
            /** Title */
            title: string;
            /** Available */
            available: number;
            /** @description What the available points would pay */
            worth: components["schemas"]["CurrencyAmount"];
            /**
             * Held
             * @description By a checkout or a payment under way
             */
            held: number;
            /**
             * Debt
             * @description Taken back after they were spent; the next points pay it
             */
            debt: number;
            /**
             * Expiring
             * @description Soonest first; spent in this order
             */
            expiring: components["schemas"]["ExpiringPoints"][];
        };
        /**
         * PointsReport
         * @description A programme's books: every entry has two sides, so they sum to zero.
         */
        PointsReport: {
            programme: components["schemas"]["ProgrammeRead"];
            /**
             * Sides
             * @description Points per side, over all holders
             */
            sides: {
                [key: string]: number;
            };
            /**
             * Outstanding
             * @description Points that can still be spent
             */
            outstanding: number;
            /** @description What they would pay: the shop's liability */
            outstanding_worth: components["schemas"]["CurrencyAmount"];
            /**
             * Balanced
             * @description Entries, accounts and lots agree
             */
            balanced: boolean;
        };
        /**
         * PointsSide
         * @description The two sides of an entry: the holder's accounts, then the programme's.
         * @enum {string}
         */
        PointsSide: "available" | "held" | "debt" | "issued" | "spent" | "expired" | "taken_back";
        /**
         * PointsStatement
         * @description The caller's account, entry by entry; a copy of `head` proves later that nothing before it was changed, and its
         *     attestation that this installation said so.
         */
        PointsStatement: {
            points: components["schemas"]["PointsRead"];
            /** Entries */
            entries: components["schemas"]["PointsEntryRead"][];
            /**
             * Head
             * @description Hash of the newest entry, 64 hex digits
             */
            head: string;
            /**
             * Next After
             * @description Send it as `after` for the next part; null at the end
             */
            next_after: number | null;
            attestation: components["schemas"]["PointsAttestation"];
        };
        /**
         * PolicyBody
         * @description All rules of one owner.
         * @example {
         *       "rules": [
         *         {
         *           "at_most": "500000",
         *           "currency": "CNY",
         *           "id": "daily",
         *           "kind": "limit",
         *           "window": "day"
         *         },
         *         {
         *           "above": "100000",
         *           "currency": "CNY",
         *           "id": "code",
         *           "kind": "second_factor"
         *         }
         *       ],
         *       "zone": "Asia/Shanghai"
         *     }
         */
        PolicyBody: {
            /**
             * Zone
             * @description IANA zone: when a day begins, and which hours are meant
             */
            zone: string;
            /** Rules */
            rules: components["schemas"]["RuleBody"][];
        };
        /**
         * PolicyRead
         * @description The rules that count now.
         */
        PolicyRead: {
            /**
             * Policy
             * @description As `PUT` takes them
             */
            policy: {
                [key: string]: unknown;
            };
            /**
             * Default
             * @description Whether these are the installation's default rules
             */
            default: boolean;
            current: components["schemas"]["VersionRead"] | null;
            /** @description A loosening whose time has not come */
            waiting: components["schemas"]["VersionRead"] | null;
        };
        /**
         * PolicySave
         * @description New rules; with a code, when they loosen earlier ones.
         */
        PolicySave: {
            policy: components["schemas"]["PolicyBody"];
            /**
             * Code
             * @description Of the caller's authenticator, for a loosening
             */
            code?: string | null;
        };
        /**
         * PortfolioItem
         * @description One thing that one account holds.
         */
        PortfolioItem: {
            kind: components["schemas"]["HoldingKind"];
            /**
             * Account
             * @description CAIP-10; null for points
             */
            account: string | null;
            /**
             * Label
             * @description Of the account
             */
            label: string;
            /** Name */
            name: string;
            /** @description null for vouchers and points */
            amount: components["schemas"]["ChainAmount"] | null;
            /** @description Of vouchers and points */
            right: components["schemas"]["RightRead"] | null;
            /**
             * Marks
             * @description Why it is not to be trusted
             * @example [
             *       "unsolicited"
             *     ]
             */
            marks: string[];
            /**
             * Hidden
             * @description Leave it out unless the person asks for it
             */
            hidden: boolean;
            worth: components["schemas"]["WorthRead"] | null;
            /** @description Why it has no worth in the total */
            no_worth: components["schemas"]["NoWorth"] | null;
        };
        /**
         * PortfolioRead
         * @description All holdings, read from the chains now.
         */
        PortfolioRead: {
            /** Items */
            items: components["schemas"]["api__schemas__wallets__HoldingRead"][];
            /**
             * Unavailable
             * @description Chains (CAIP-2) whose node does not answer; their holdings are absent
             */
            unavailable: string[];
        };
        /**
         * PowerRead
         * @description What somebody can still do, as the chain says.
         */
        PowerRead: {
            /** Chain */
            chain: string;
            /** Code */
            code: string;
            /** Text */
            text: string;
            /**
             * Who
             * @description CAIP-10
             */
            who: string | null;
        };
        /**
         * PowersBody
         * @description What the issuer may do after the launch; nothing else ever becomes possible.
         */
        PowersBody: {
            /** Declared */
            declared?: components["schemas"]["CampaignPower"][];
            /**
             * Max Pause Seconds
             * @description Above 0 exactly with `pause`
             * @default 0
             */
            max_pause_seconds?: number;
        };
        /**
         * PreferencesBody
         * @description What a person wants to be told, how, and in which words.
         */
        PreferencesBody: {
            /**
             * Language
             * @description Null: as the request asks; mails in both
             */
            language?: ("en" | "zh-CN") | null;
            /**
             * Zone
             * @description IANA name
             * @example Asia/Shanghai
             */
            zone?: string | null;
            /**
             * Mail
             * @description Also by mail, to a verified address
             * @default []
             */
            mail?: components["schemas"]["NotificationKind"][];
            /**
             * Muted
             * @description Not told at all; `frozen` cannot be muted
             * @default []
             */
            muted?: components["schemas"]["NotificationKind"][];
        };
        /**
         * PreferencesRead
         * @description What holds for the caller.
         */
        PreferencesRead: {
            /** Language */
            language: ("en" | "zh-CN") | null;
            /** Zone */
            zone: string | null;
            /** Mail */
            mail: components["schemas"]["NotificationKind"][];
            /** Muted */
            muted: components["schemas"]["NotificationKind"][];
        };
        /**
         * PresentmentCreated
         * @description Shown once.
         */
        PresentmentCreated: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Secret
             * @description 128 random bits: what the QR carries
             */
            secret: string;
            /**
             * Qr
             * @description The text of the QR
             * @example quanbao:present:q83vEjRWeJCrze8SNFZ4kA
             */
            qr: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * PresentmentRead
         * @description A code that a till scans once. It shows who is there; it authorises nothing.
         */
        PresentmentRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Expires At */
            expires_at: string;
            /**
             * Order
             * @description Known once a till has scanned it: look at the order, then pay
             */
            order: string | null;
            /** Used At */
            used_at: string | null;
        };
        /**
         * PreviewRead
         * @description What a draft would fix; nothing was stored.
         */
        PreviewRead: {
            /** Rules */
            rules: {
                [key: string]: unknown;
            };
            /**
             * Rules Hash
             * @description keccak256, 64 hex digits
             */
            rules_hash: string;
            /**
             * Summary
             * @description In plain words, in the language of the request
             */
            summary: string[];
            /** Warnings */
            warnings: components["schemas"]["api__schemas__campaigns__WarningRead"][];
            /** Funding */
            funding: components["schemas"]["FundingRead"][];
            /**
             * Partners
             * @description Organisations that must accept, and what each bears in basis points
             */
            partners: {
                [key: string]: number;
            };
        };
        /**
         * ProgrammeBody
         * @description The rules of a points programme; they never change.
         */
        ProgrammeBody: {
            /**
             * Title
             * @example 茶友积分
             */
            title: string;
            /**
             * Currency
             * @example CNY
             */
            currency: string;
            /** @description `points` for each full `minor` paid, rounded down */
            earn_rate: components["schemas"]["api__schemas__points__RateBody"];
            /** @description `points` pay `minor` */
            redeem_rate: components["schemas"]["api__schemas__points__RateBody"];
            /**
             * Lifetime Seconds
             * @description Until earned points expire
             * @example 31536000
             */
            lifetime_seconds: number;
            /**
             * Valid From
             * Format: date-time
             * @description Payments from here on earn
             */
            valid_from: string;
            /**
             * Valid Until
             * Format: date-time
             * @description First moment at which nothing is earned or spent any more
             */
            valid_until: string;
            /**
             * Zone
             * @default UTC
             * @example Asia/Shanghai
             */
            zone?: string;
            /**
             * Cap
             * @description Most points ever earned
             * @example 1000000
             */
            cap: number;
            /**
             * Stores
             * @description null: no limit; an empty list is closed
             */
            stores?: string[] | null;
            /** Categories */
            categories?: string[] | null;
            /** Skus */
            skus?: string[] | null;
            /** Excluded Skus */
            excluded_skus?: string[];
        };
        /**
         * ProgrammeRead
         * @description A shop's points programme.
         */
        ProgrammeRead: {
            /**
             * Id
             * @description 48 hex digits
             */
            id: string;
            /**
             * Shop
             * Format: uuid
             */
            shop: string;
            status: components["schemas"]["ProgrammeStatus"];
            /**
             * Rules Hash
             * @description keccak256 of the rule document, 64 hex digits
             */
            rules_hash: string;
            /**
             * Rules
             * @description The rule document (docs/rule-document.md)
             */
            rules: {
                [key: string]: unknown;
            };
            /**
             * Earned
             * @description All points ever earned; at most the cap
             */
            earned: number;
            /** Created At */
            created_at: string;
        };
        /**
         * ProgrammeStatus
         * @enum {string}
         */
        ProgrammeStatus: "open" | "closed";
        /**
         * ProvenanceNodeRead
         * @description One act, and what followed from it.
         */
        ProvenanceNodeRead: {
            /**
             * Act
             * @description campaign, rules, launch, funding, issue, move, redemption, payout, remainder, void, reclaim or divergence
             * @example redemption
             */
            act: string;
            /**
             * Standing
             * @description False: a reorganisation took it back
             * @example true
             */
            standing: boolean;
            /** @description Null for the campaign's own record and its rule document */
            place: components["schemas"]["PlaceRead"] | null;
            /**
             * Details
             * @description Ids, parties and amounts as text
             * @example {
             *       "amount_minor": "2000",
             *       "payout": "20000000"
             *     }
             */
            details: {
                [key: string]: string;
            };
            /**
             * Children
             * @description In order of position
             */
            children: components["schemas"]["ProvenanceNodeRead"][];
        };
        /**
         * ProvenanceRead
         * @description A voucher's life.
         */
        ProvenanceRead: {
            /**
             * Voucher
             * @description 64 hex digits
             * @example 6a47000000000000000000000000000000000000000000000000000000000001
             */
            voucher: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Redemption Id
             * @description 64 hex digits, while a redemption stands
             * @example null
             */
            redemption_id: string | null;
            /** @description The campaign */
            root: components["schemas"]["ProvenanceNodeRead"];
        };
        /**
         * PublicClaim
         * @description What a claim page shows, live.
         */
        PublicClaim: {
            /** Campaign */
            campaign: string;
            /** Title */
            title: string;
            /** Kind */
            kind: string;
            /** Organisation */
            organisation: string;
            /**
             * Summary
             * @description In plain words, in the language of the request
             */
            summary: string[];
            /**
             * Terms
             * @description The same in every language there is
             * @example {
             *       "en": [
             *         "…"
             *       ],
             *       "zh-CN": [
             *         "…"
             *       ]
             *     }
             */
            terms: {
                [key: string]: string[];
            };
            /** @description Of the code; null where a campaign was asked for */
            purpose: components["schemas"]["LinkPurpose"] | null;
            /** Remaining */
            remaining: number;
            /** Closes At */
            closes_at: string;
            /**
             * Open
             * @description Whether a claim would be taken now
             */
            open: boolean;
            /**
             * Level
             * @description How well the claimer must be known
             * @enum {string}
             */
            level: "wallet" | "email" | "document";
            /** Lanes */
            lanes: components["schemas"]["PublicLane"][];
            /** Rules Hash */
            rules_hash: string;
        };
        /**
         * PublicLane
         * @description One chain of a campaign as anybody sees it.
         */
        PublicLane: {
            /** Chain */
            chain: string;
            /** Status */
            status: string;
            /** Remaining */
            remaining: number;
        };
        /**
         * Purpose
         * @description A use of personal data that needs the person's consent. Each is off until somebody turns it on.
         * @enum {string}
         */
        Purpose: "suggestions" | "spending_plan" | "merchant_insights" | "news_by_email";
        /**
         * QuestionRead
         * @description A question that people ask.
         */
        QuestionRead: {
            /**
             * Id
             * @example safe
             */
            id: string;
            /**
             * Topic
             * @example safety
             */
            topic: string;
            /**
             * Question
             * @example Can somebody take my money?
             */
            question: string;
            /**
             * Answer
             * @example Only with your words, or with your unlocked session.
             */
            answer: string;
        };
        /**
         * QuoteRead
         * @description What the account would pay; nothing is locked. total = discount + tender + remainder.
         */
        QuoteRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Order
             * Format: uuid
             */
            order: string;
            /**
             * Account
             * @description CAIP-10: who pays
             */
            account: string;
            /**
             * Pays To
             * @description CAIP-10
             */
            pays_to: string;
            /**
             * Lines
             * @description The order's lines, then one for every gift that is added
             */
            lines: components["schemas"]["LineRead"][];
            total: components["schemas"]["CurrencyAmount"];
            discount: components["schemas"]["CurrencyAmount"];
            /** @description Paid by stored value and points */
            tender: components["schemas"]["CurrencyAmount"];
            remainder: components["schemas"]["CurrencyAmount"];
            /** @description What moves from holder to merchant in the same transaction */
            remainder_on_chain: components["schemas"]["ChainAmount"];
            /** Payable Per Line */
            payable_per_line: number[];
            /**
             * Unclaimed
             * @description Used vouchers of drops that nobody has claimed: paying claims them
             */
            unclaimed: string[];
            /** Used */
            used: components["schemas"]["UsedVoucherRead"][];
            /** Points */
            points: components["schemas"]["SpentPointsRead"][];
            /** Unused */
            unused: components["schemas"]["UnusedVoucherRead"][];
            /** Unused Points */
            unused_points: components["schemas"]["UnusedPointsRead"][];
            /**
             * Optimal
             * @description Proven: no set of these vouchers takes off more
             */
            optimal: boolean;
            /**
             * Bound Minor
             * @description No set takes off more than this, in minor units
             */
            bound_minor: number;
            /**
             * Gap Minor
             * @description What could be missing to the best discount at most
             */
            gap_minor: number;
            /**
             * Nodes
             * @description Sets of vouchers that the search looked at
             */
            nodes: number;
            /**
             * Expires At
             * @description Unix seconds of block time; begin to pay before it
             */
            expires_at: number;
            /**
             * Short By
             * @description Base units that the account lacks for the remainder; "0" when it has enough
             */
            short_by: string;
            /**
             * Order Hash
             * @description keccak256 of the order document, 64 hex digits
             */
            order_hash: string;
        };
        /**
         * QuoteRequest
         * @description From where to pay; without it, the account with enough money and the best voucher is chosen.
         */
        QuoteRequest: {
            /**
             * Account
             * @description CAIP-10
             */
            account?: string | null;
            /**
             * Chain
             * @description CAIP-2: any of the caller's accounts there
             */
            chain?: string | null;
            /**
             * Use Stored Value
             * @description false: keep stored value for later
             * @default true
             */
            use_stored_value?: boolean;
            /**
             * Use Points
             * @description false: keep points for later
             * @default true
             */
            use_points?: boolean;
            /**
             * Keep
             * @description Vouchers to keep for later: they are not offered
             */
            keep?: string[];
        };
        /**
         * Readiness
         * @description Whether each part answers.
         */
        Readiness: {
            /**
             * Status
             * @enum {string}
             */
            status: "ready" | "not_ready";
            /**
             * Parts
             * @description `ok`, or the code of what is wrong
             * @example {
             *       "database": "ok",
             *       "eip155:31337": "ok"
             *     }
             */
            parts: {
                [key: string]: string;
            };
        };
        /**
         * ReasonRead
         * @description What one rule said.
         */
        ReasonRead: {
            /** Rule */
            rule: string;
            /** Kind */
            kind: string;
            effect: components["schemas"]["wallets__policy__rules__Outcome"];
            /** Message */
            message: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
        };
        /**
         * Receipt
         * @description What was bought, what it cost, and where the chain says so.
         *
         *     An order that was paid by hand alone has no payment, quote and document; its `tender` is the merchant's word.
         */
        Receipt: {
            order: components["schemas"]["OrderRead"];
            payment: components["schemas"]["PaymentRead"] | null;
            quote: components["schemas"]["QuoteRead"] | null;
            /**
             * Document
             * @description The order document; keccak256 of its canonical bytes is order_hash
             */
            document: {
                [key: string]: unknown;
            } | null;
            /** @description What the merchant took by hand: attested, never proved */
            tender: components["schemas"]["TenderRead"] | null;
        };
        /**
         * ReceivableRead
         * @description What a campaign's book keeps for the caller, in base units.
         */
        ReceivableRead: {
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
            /** Merchant */
            merchant: string;
            /** Asset */
            asset: string;
            /**
             * Due
             * @description Paid by the next settlement
             */
            due: string;
            /**
             * Waiting
             * @description Can still be taken back by a reversal
             */
            waiting: string;
        };
        /**
         * ReconciliationRead
         * @description One campaign on one chain at one height.
         */
        ReconciliationRead: {
            /** Campaign */
            campaign: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /** Height */
            height: number;
            /** Agrees */
            agrees: boolean;
            /**
             * Complete
             * @description Every event was compared, not sums alone
             */
            complete: boolean;
            /**
             * Figures
             * @description Of ledger, chain and books: counts, and base units as text
             */
            figures: {
                [key: string]: unknown;
            };
            /** Findings */
            findings: components["schemas"]["api__schemas__auditing__FindingRead"][];
            /**
             * Note
             * @description Why the chain tells nothing of this height
             */
            note: string | null;
        };
        /**
         * RecoveryCodesRead
         * @description Shown once: print them, keep them apart from the phone. Each is good once.
         */
        RecoveryCodesRead: {
            /**
             * Codes
             * @example [
             *       "ABCD-EFGH-IJKL-MNOP"
             *     ]
             */
            codes: string[];
        };
        /**
         * RedemptionDetail
         * @description One voucher's redemption, for its holder and its merchant.
         */
        RedemptionDetail: {
            /**
             * Id
             * @description 64 hex digits, the same on every chain
             */
            id: string;
            /**
             * Order
             * Format: uuid
             */
            order: string;
            /** Voucher */
            voucher: string;
            /**
             * Holder
             * @description CAIP-10
             */
            holder: string;
            /**
             * Merchant
             * @description CAIP-10
             */
            merchant: string;
            /** Amount Minor */
            amount_minor: number;
            status: components["schemas"]["AttemptStatus"];
            /**
             * Facts
             * @description What the chain says, reorganised facts too
             */
            facts: {
                [key: string]: unknown;
            }[];
            dispute: components["schemas"]["DisputeRead"] | null;
        };
        /** RedemptionRead */
        RedemptionRead: {
            /**
             * Id
             * @description Redemption id, 64 hex digits, the same on every chain
             */
            id: string;
            /** Voucher */
            voucher: string;
            /** Discount Minor */
            discount_minor: number;
            status: components["schemas"]["AttemptStatus"];
        };
        /**
         * ReferralRead
         * @description A code to hand on.
         */
        ReferralRead: {
            /** Code */
            code: string;
        };
        /**
         * ReferralRequest
         * @description Make a code of your own; your vouchers go to this account.
         */
        ReferralRequest: {
            /** Campaign */
            campaign: string;
            /** Account */
            account: string;
        };
        /**
         * RefundBody
         * @description What a return costs, and how long a used voucher can come back.
         */
        RefundBody: {
            /** @default keep */
            policy?: components["schemas"]["RefundPolicy"];
            /**
             * Window Seconds
             * @description 0: never
             * @default 0
             */
            window_seconds?: number;
            /** @description Gifts only */
            gift?: components["schemas"]["GiftReturn"] | null;
        };
        /**
         * RefundCreate
         * @description What comes back.
         */
        RefundCreate: {
            /**
             * Returned
             * @description Units of each line of the receipt that come back; without it everything that is kept
             * @example [
             *       1,
             *       0
             *     ]
             */
            returned?: number[] | null;
            /**
             * Chargeback
             * @description The money was taken back from outside: vouchers stay used
             * @default false
             */
            chargeback?: boolean;
            /** Reason */
            reason?: string | null;
        };
        /**
         * RefundKind
         * @enum {string}
         */
        RefundKind: "full" | "partial" | "chargeback";
        /**
         * RefundPolicy
         * @description What a return that breaks the threshold costs.
         * @enum {string}
         */
        RefundPolicy: "keep" | "recompute" | "forfeit";
        /**
         * RefundRead
         * @description A refund and what carries it out.
         */
        RefundRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Order
             * Format: uuid
             */
            order: string;
            /**
             * Number
             * @description Counts the order's refunds from 1
             */
            number: number;
            kind: components["schemas"]["RefundKind"];
            status: components["schemas"]["RefundStatus"];
            /**
             * Returned
             * @description Units per line of the receipt
             */
            returned: number[];
            /** @description What goes back to the holder */
            amount: components["schemas"]["CurrencyAmount"];
            /**
             * Tenders
             * @description The same by what it was paid with: money, voucher:…, points:…; minor
             */
            tenders: {
                [key: string]: number;
            };
            /**
             * Gifts Charged Minor
             * @description Kept back for gifts that stay with the holder
             */
            gifts_charged_minor: number;
            /** Reason */
            reason: string | null;
            /** Steps */
            steps: components["schemas"]["RefundStepRead"][];
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * RefundStatus
         * @enum {string}
         */
        RefundStatus: "pending" | "owing" | "done";
        /**
         * RefundStepRead
         * @description One thing that happens on chain, or the merchant's word (`recorded`).
         */
        RefundStepRead: {
            kind: components["schemas"]["vouchers__refunds__model__StepKind"];
            /** @description owing: it waits for money of the merchant, and is tried again */
            status: components["schemas"]["vouchers__refunds__model__StepStatus"];
            /**
             * Base Units
             * @description Of the settlement asset; of a `recorded` step minor units
             */
            base_units: string;
            /**
             * Redemption
             * @description Redemption id, 64 hex digits
             */
            redemption: string | null;
            /**
             * Voucher
             * @description The redeemed voucher
             */
            voucher: string | null;
            /**
             * Reissued
             * @description The voucher that the holder has for it, where it is known beforehand
             */
            reissued: string | null;
            /** Payment */
            payment: string | null;
            /**
             * Tx Hash
             * @description Once it is signed
             */
            tx_hash: string | null;
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
        };
        /**
         * Registration
         * @description A new person.
         */
        Registration: {
            /**
             * Email
             * @description Kept in lower case; one mailbox is one account
             * @example mei@example.com
             */
            email: string;
            /**
             * Password
             * Format: password
             * @description 10 to 256 characters
             * @example correct horse battery staple
             */
            password: string;
            /**
             * Display Name
             * @description Shown to members of the same organisation
             * @example 梅
             */
            display_name: string;
        };
        /**
         * RegistrationBegun
         * @description How every registration of this installation goes on.
         */
        RegistrationBegun: {
            /**
             * Next
             * @description The same for everybody: it says nothing of who is registered
             * @enum {string}
             */
            next: "log_in" | "look_into_your_mail";
        };
        /**
         * ReleaseAsked
         * @description Why a second person should agree.
         */
        ReleaseAsked: {
            /**
             * Reason
             * @example it was a false alarm
             */
            reason: string;
        };
        /**
         * ReleaseRequest
         * @description With a second factor that was in use before the freeze.
         */
        ReleaseRequest: {
            /**
             * Code
             * @example 123456
             */
            code: string;
            /**
             * Reason
             * @example found it again
             */
            reason: string;
        };
        /**
         * RemainderBy
         * @description How the part that vouchers do not cover is paid.
         * @enum {string}
         */
        RemainderBy: "onchain" | "recorded";
        /**
         * Rename
         * @description Another name.
         */
        Rename: {
            /**
             * Display Name
             * @example 梅
             */
            display_name: string;
        };
        /**
         * RepeatRead
         * @description Persons who used a voucher of the campaign here.
         */
        RepeatRead: {
            /** Persons */
            persons: number;
            /**
             * First Timers
             * @description Whose first order here was the one with the voucher
             */
            first_timers: number;
            /**
             * Came Back
             * @description With another order within 30 days after the first use
             */
            came_back: number;
        };
        /**
         * ReplayRead
         * @description A redemption's price, computed again from the committed documents.
         */
        ReplayRead: {
            /** Redemption Id */
            redemption_id: string;
            /** Voucher */
            voucher: string;
            /** Order Hash */
            order_hash: string;
            /** Agrees */
            agrees: boolean;
            /**
             * Currency
             * @description Null where the documents do not allow a price
             */
            currency: string | null;
            /** Discount Minor */
            discount_minor: number | null;
            /** Remainder Minor */
            remainder_minor: number | null;
            /** Findings */
            findings: components["schemas"]["api__schemas__auditing__FindingRead"][];
        };
        /**
         * ReportRead
         * @description An accepted bundle.
         */
        ReportRead: {
            /**
             * Digest
             * @description SHA-256 that the bundle names itself by, hex
             * @example 5898000000000000000000000000000000000000000000000000000000000000
             */
            digest: string;
            /**
             * Claim
             * @description What the bundle says (docs/proof-bundle.md)
             */
            claim: {
                [key: string]: unknown;
            };
            /** Facts */
            facts: components["schemas"]["FactRead"][];
        };
        /**
         * Reveal
         * @description The keystore's passphrase, again.
         */
        Reveal: {
            /**
             * Passphrase
             * Format: password
             * @example correct horse battery staple
             */
            passphrase: string;
        };
        /**
         * ReviewDocument
         * @description A waiting review with what its reviewer must see.
         */
        ReviewDocument: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Kind */
            kind: string;
            /** Media Type */
            media_type: string;
            status: components["schemas"]["ReviewStatus"];
            /** Submitted At */
            submitted_at: string;
            /** Decided At */
            decided_at: string | null;
            /**
             * Reason
             * @description The reviewer's words to the person
             */
            reason: string | null;
            /**
             * Name
             * @description What the person is called here
             */
            name: string;
            /**
             * Document
             * @description Base64; gone with the decision
             */
            document: string;
        };
        /**
         * ReviewRead
         * @description A review, without its document.
         */
        ReviewRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Person Id
             * Format: uuid
             */
            person_id: string;
            /** Kind */
            kind: string;
            /** Media Type */
            media_type: string;
            status: components["schemas"]["ReviewStatus"];
            /** Submitted At */
            submitted_at: string;
            /** Decided At */
            decided_at: string | null;
            /**
             * Reason
             * @description The reviewer's words to the person
             */
            reason: string | null;
        };
        /**
         * ReviewStatus
         * @description Where a review stands.
         * @enum {string}
         */
        ReviewStatus: "submitted" | "approved" | "refused";
        /**
         * ReviewSubmit
         * @description A document for a person to look at.
         */
        ReviewSubmit: {
            /**
             * Kind
             * @example passport
             * @enum {string}
             */
            kind: "identity_card" | "passport" | "business_licence" | "other";
            /**
             * Media Type
             * @enum {string}
             */
            media_type: "image/jpeg" | "image/png" | "application/pdf";
            /**
             * Document
             * @description Base64, at most 640 KiB
             * @example iVBORw0KGgo=
             */
            document: string;
        };
        /**
         * RevocationRequest
         * @description The approval to end, as the list shows it.
         */
        RevocationRequest: {
            /**
             * Account
             * @description CAIP-10, one of the caller's
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            kind: components["schemas"]["ApprovalKind"];
            /**
             * Token
             * @description CAIP-10
             */
            token?: string | null;
            /**
             * Spender
             * @description CAIP-10
             */
            spender: string;
        };
        /**
         * RightRead
         * @description Vouchers of one campaign, or points of one programme: what a shop owes, not money.
         */
        RightRead: {
            /**
             * Reference
             * @description Campaign or programme, 48 hex digits
             */
            reference: string;
            /**
             * Title
             * @example 满100减20
             */
            title: string;
            /**
             * Count
             * @description Vouchers, or points
             */
            count: number;
            /** @description What they take off prices at most; null: the cart decides */
            in_shop: components["schemas"]["CurrencyAmount"] | null;
            /**
             * Expires At
             * @description Of the soonest
             */
            expires_at: string | null;
        };
        /**
         * Role
         * @description For whom a checklist is.
         * @enum {string}
         */
        Role: "holder" | "merchant" | "cashier" | "sponsor" | "auditor" | "operator";
        /**
         * RpcAnswer
         * @description Either `result` or `error`.
         */
        RpcAnswer: {
            /**
             * Jsonrpc
             * @default 2.0
             * @constant
             */
            jsonrpc?: "2.0";
            /** Id */
            id: number | string | null;
            /** Result */
            result?: unknown;
            error?: components["schemas"]["RpcErrorRead"] | null;
        };
        /**
         * RpcErrorRead
         * @description EIP-1193: 4001 refused by the person, 4100 not the caller's account, 4200 unsupported method, 4901 no node,
         *     4902 unknown chain; JSON-RPC's and the node's own.
         */
        RpcErrorRead: {
            /**
             * Code
             * @example 4001
             */
            code: number;
            /** Message */
            message: string;
            /** Data */
            data?: unknown;
        };
        /**
         * RpcRequest
         * @description JSON-RPC 2.0.
         */
        RpcRequest: {
            /**
             * Jsonrpc
             * @default 2.0
             * @constant
             */
            jsonrpc?: "2.0";
            /** Id */
            id?: number | string | null;
            /**
             * Method
             * @example eth_requestAccounts
             */
            method: string;
            /**
             * Params
             * @description A list
             * @example []
             */
            params?: unknown;
        };
        /**
         * RuleBody
         * @description One rule; which fields it has is decided by `kind` (docs/policy.md).
         */
        RuleBody: {
            /**
             * Id
             * @description The owner's name for it: a-z, 0-9, dot, dash, underscore
             */
            id: string;
            /**
             * Kind
             * @enum {string}
             */
            kind: "limit" | "recipients" | "cooling" | "hours" | "approval" | "second_factor" | "calls" | "blind" | "risk";
            /**
             * Chains
             * @description CAIP-2; left out: on all chains
             */
            chains?: string[] | null;
            /**
             * Window
             * @description limit: `payment`, `day` or `rolling`
             */
            window?: string | null;
            /**
             * Seconds
             * @description limit (rolling), cooling, approval: how long
             */
            seconds?: number | null;
            /**
             * Asset
             * @description CAIP-19: sums are base units of it
             */
            asset?: string | null;
            /**
             * Currency
             * @description ISO 4217: sums are minor units of all that leaves
             */
            currency?: string | null;
            /**
             * At Most
             * @description limit
             */
            at_most?: string | null;
            /**
             * Above
             * @description cooling, approval, second_factor
             */
            above?: string | null;
            /**
             * Mode
             * @description recipients: `only` or `never`
             */
            mode?: string | null;
            /**
             * Accounts
             * @description recipients: CAIP-10
             */
            accounts?: string[] | null;
            /**
             * Spans
             * @description hours: when payments may be
             */
            spans?: components["schemas"]["SpanBody"][] | null;
            /**
             * Approvers
             * @description approval: persons
             */
            approvers?: string[] | null;
            /**
             * Needed
             * @description approval: how many of them
             */
            needed?: number | null;
            /**
             * At Least
             * @description risk: score from 1 to 100
             */
            at_least?: number | null;
            /**
             * Effect
             * @description calls, blind, risk: `deny` or `second_factor`
             */
            effect?: string | null;
        };
        /**
         * ScanRead
         * @description The holder was asked to pay; watch the order.
         */
        ScanRead: {
            /**
             * Presentment
             * Format: uuid
             */
            presentment: string;
            /**
             * Order
             * Format: uuid
             */
            order: string;
        };
        /**
         * ScanRequest
         * @description What the till read from a holder's device.
         */
        ScanRequest: {
            /** Secret */
            secret: string;
        };
        /**
         * SchemeRead
         * @description Where some wallets keep the keys of a network.
         */
        SchemeRead: {
            /**
             * Name
             * @example ledger-live
             */
            name: string;
            /**
             * Wallets
             * @description Who counts so
             * @example Ledger Live
             */
            wallets: string;
            /**
             * Curve
             * @example secp256k1
             */
            curve: string;
            /**
             * Path
             * @description {index} counts accounts from 0
             * @example m/44'/60'/{index}'/0/0
             */
            path: string;
            /**
             * Address
             * @description The form of its addresses
             * @example evm
             */
            address: string;
        };
        /**
         * ScoreRead
         * @description How a payment or a signature was scored.
         */
        ScoreRead: {
            /**
             * Subject
             * Format: uuid
             */
            subject: string;
            source: components["schemas"]["Source"];
            /** Score */
            score: number;
            verdict: components["schemas"]["Verdict"];
            /** Findings */
            findings: components["schemas"]["api__schemas__alerts__FindingRead"][];
        };
        /**
         * SecondFactorRead
         * @description What a login by password asks for beside it.
         */
        SecondFactorRead: {
            /**
             * Totp
             * @description Whether a code of the authenticator is asked for
             */
            totp: boolean;
            /** Recovery Codes Left */
            recovery_codes_left: number;
        };
        /**
         * SeenPaymentRead
         * @description A transaction that pays the request and is not final yet.
         */
        SeenPaymentRead: {
            /** Signature */
            signature: string;
            /** Slot */
            slot: number;
            /**
             * Payer
             * @description CAIP-10
             */
            payer: string;
        };
        /**
         * SegmentBody
         * @description Whom to single out among the people who have paid here; all that is named must hold.
         */
        SegmentBody: {
            /** Chain */
            chain: string;
            /** Bought Sku */
            bought_sku?: string | null;
            /**
             * Holds
             * @description A live voucher of this campaign
             */
            holds?: string | null;
            /**
             * Spent Minor
             * @description At least so much in all
             */
            spent_minor?: number | null;
            /** Currency */
            currency?: string | null;
            /** Seen Within Days */
            seen_within_days?: number | null;
            /** Not Seen Within Days */
            not_seen_within_days?: number | null;
        };
        /**
         * SegmentRead
         * @description How many people a segment has, and the first of their accounts.
         */
        SegmentRead: {
            /**
             * Count
             * @description At most 10,000 are counted
             */
            count: number;
            /**
             * First
             * @description CAIP-10
             */
            first: string[];
        };
        /**
         * SentRead
         * @description What was sent of one asset in one month outside of orders, to accounts that are not the caller's.
         */
        SentRead: {
            /**
             * Month
             * @example 2026-05
             */
            month: string;
            amount: components["schemas"]["ChainAmount"];
            /** Transfers */
            transfers: number;
            /** @description Now, in `shown.currency`; null: not asked for, or nobody says */
            worth: components["schemas"]["WorthRead"] | null;
        };
        /**
         * SessionOpened
         * @description A new or renewed session.
         */
        SessionOpened: {
            /**
             * Token
             * @description For `Authorization: Bearer`; null with the cookie transport
             */
            token: string | null;
            /**
             * Csrf Token
             * @description For the header `X-CSRF-Token` of writes by cookie
             */
            csrf_token: string;
            /**
             * Session Id
             * Format: uuid
             */
            session_id: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * SessionRead
         * @description One device.
         */
        SessionRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Device
             * @example Mei's phone
             */
            device: string;
            /** Created At */
            created_at: string;
            /**
             * Last Seen At
             * @description To the minute
             */
            last_seen_at: string;
            /** Expires At */
            expires_at: string;
            /**
             * Current
             * @description Whether it is the session of this request
             */
            current: boolean;
            /** @description How it was opened */
            method: components["schemas"]["LoginMethod"];
        };
        /** SettleRead */
        SettleRead: {
            /**
             * Payment
             * Format: uuid
             */
            payment: string;
        };
        /**
         * SettleRequest
         * @description Which credit to pay out.
         */
        SettleRequest: {
            /** Campaign */
            campaign: string;
            /** Chain */
            chain: string;
        };
        /**
         * SettlementRead
         * @description What a campaign pays in, as its rule document says.
         */
        SettlementRead: {
            /**
             * Asset
             * @description CAIP-19
             */
            asset: string;
            /**
             * Symbol
             * @example tCNY
             */
            symbol: string;
            /**
             * Decimals
             * @example 6
             */
            decimals: number;
        };
        /**
         * Shape
         * @enum {string}
         */
        Shape: "json" | "csv" | "html" | "svg";
        /**
         * ShareGroup
         * @description One group of shares.
         */
        ShareGroup: {
            /**
             * Needed
             * @description How many of its shares open it
             * @example 2
             */
            needed: number;
            /**
             * Shares
             * @description How many it has
             * @example 3
             */
            shares: number;
        };
        /**
         * SharePlanBody
         * @description Who gets how many shares.
         */
        SharePlanBody: {
            /**
             * Groups Needed
             * @default 1
             */
            groups_needed?: number;
            /** Groups */
            groups: components["schemas"]["ShareGroup"][];
            /**
             * Passphrase
             * Format: password
             * @description Printable ASCII
             * @default
             */
            passphrase?: string;
        };
        /**
         * SharesImport
         * @description A wallet from enough SLIP-39 shares.
         */
        SharesImport: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Shares
             * @description In any order
             */
            shares: string[];
            /**
             * Passphrase
             * Format: password
             * @description Printable ASCII; another passphrase opens another wallet without an error
             * @default
             */
            passphrase?: string;
        };
        /**
         * SharesProof
         * @description Enough shares of this wallet, as proof of the backup.
         */
        SharesProof: {
            /** Shares */
            shares: string[];
            /**
             * Passphrase
             * Format: password
             * @default
             */
            passphrase?: string;
        };
        /**
         * SharesWalletCreate
         * @description A new wallet whose backup is SLIP-39 shares.
         */
        SharesWalletCreate: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Strength
             * @description 128 (shares of 20 words) or 256 (33 words) bits
             * @default 128
             * @example 128
             */
            strength?: number;
        };
        /**
         * ShippingBody
         * @description Where to send a gift; erased at delivery.
         */
        ShippingBody: {
            /** Shipping */
            shipping: string;
        };
        /**
         * ShownRead
         * @description All of it in one currency, at the rates and prices of now.
         */
        ShownRead: {
            /** Currency */
            currency: string;
            /** Spent Minor */
            spent_minor: number;
            /** Saved Minor */
            saved_minor: number;
            /** Refunded Minor */
            refunded_minor: number;
            /** Sent Minor */
            sent_minor: number;
            /**
             * Complete
             * @description false: a rate or a price is missing or too old; see `missing`
             */
            complete: boolean;
            /**
             * Missing
             * @description Currencies and symbols that are not in the sums
             */
            missing: string[];
            /** Rates */
            rates: components["schemas"]["ExchangeRateRead"][];
        };
        /**
         * Side
         * @description Who says something.
         * @enum {string}
         */
        Side: "holder" | "merchant" | "operator" | "system";
        /**
         * SignInAsk
         * @description Whose account will sign.
         */
        SignInAsk: {
            /**
             * Family
             * @example Ethereum
             * @enum {string}
             */
            family: "Ethereum" | "Solana";
            /**
             * Address
             * @example 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            address: string;
            /**
             * Chain Id
             * @description EIP-155 number, or a cluster's name
             * @default 1
             */
            chain_id?: string;
            /**
             * Origin
             * @description Where the page is served from
             * @example http://localhost:8080
             */
            origin?: string | null;
        };
        /**
         * SignInMessage
         * @description The text to sign with the wallet (`personal_sign`, `signMessage`); good for five minutes, and once.
         */
        SignInMessage: {
            /**
             * Message
             * @example localhost:8080 wants you to sign in with your Ethereum account:
             *     0x…
             */
            message: string;
        };
        /**
         * SolanaTransactionRead
         * @description Everything that a transaction would do, in its order.
         */
        SolanaTransactionRead: {
            /** Fee Payer */
            fee_payer: string;
            /** Signers */
            signers: string[];
            /** Instructions */
            instructions: components["schemas"]["InstructionRead"][];
            /**
             * Dangerous
             * @description Whether any of its instructions is
             */
            dangerous: boolean;
        };
        /**
         * SolanaTransactionText
         * @description A transaction that somebody wants signed.
         */
        SolanaTransactionText: {
            /**
             * Transaction
             * @description base64, signed or not
             */
            transaction: string;
            /**
             * Chain
             * @description CAIP-2; needed when the transaction uses lookup tables
             */
            chain?: string | null;
        };
        /**
         * Source
         * @description Where an alert comes from.
         * @enum {string}
         */
        Source: "payment" | "signature" | "vouchers";
        /**
         * SpanBody
         * @description Wall-clock time of the zone on some weekdays, half-open.
         */
        SpanBody: {
            /**
             * Days
             * @description 1 Monday to 7 Sunday
             */
            days: number[];
            /**
             * Start
             * @example 09:00
             */
            start: string;
            /**
             * Until
             * @example 18:00
             * @example 24:00
             */
            until: string;
        };
        /**
         * Speed
         * @description How soon a transaction shall be in a block.
         * @enum {string}
         */
        Speed: "slow" | "normal" | "fast";
        /**
         * SpeedRead
         * @description What one speed costs now, per unit of gas in wei.
         */
        SpeedRead: {
            speed: components["schemas"]["Speed"];
            /**
             * Price
             * @description The most per gas, base fee included
             * @example 3000000000
             */
            price: string;
            /**
             * Priority Fee
             * @description Of that, for the block's maker; null where there is no base fee
             */
            priority_fee: string | null;
            /**
             * Base Fee
             * @description Of the next block
             */
            base_fee: string | null;
            /**
             * Blocked
             * @description The network asks for more than the cap: nothing is signed until it falls
             */
            blocked: boolean;
            /**
             * Expected Seconds
             * @description Until inclusion
             * @example 12
             */
            expected_seconds: number;
        };
        /**
         * SpeedUpRequest
         * @description What the replacement shall offer.
         */
        SpeedUpRequest: {
            /**
             * @description At least what this speed costs now, and 12.5 % more than before
             * @default fast
             */
            speed?: components["schemas"]["Speed"];
        };
        /**
         * SpendingRead
         * @description What was spent at one merchant on one category in one month; minor units.
         */
        SpendingRead: {
            /**
             * Month
             * @example 2026-05
             */
            month: string;
            /**
             * Merchant
             * @description Organisation id
             */
            merchant: string;
            /** Merchant Name */
            merchant_name: string;
            /**
             * Category
             * @description null: goods without one, and refunds
             */
            category: string | null;
            /** Currency */
            currency: string;
            /** Orders */
            orders: number;
            /**
             * Spent Minor
             * @description After discounts; what stored value and points paid is in it
             */
            spent_minor: number;
            /**
             * Saved Minor
             * @description Taken off by vouchers
             */
            saved_minor: number;
            /**
             * Refunded Minor
             * @description Given back in that month
             */
            refunded_minor: number;
        };
        /**
         * SpendingReport
         * @description Spending by month, merchant and category, newest month first.
         */
        SpendingReport: {
            /** Items */
            items: components["schemas"]["SpendingRead"][];
            /** Totals */
            totals: components["schemas"]["SpendingTotal"][];
            /**
             * Sent
             * @description Coins and tokens sent to others, beside the orders
             */
            sent: components["schemas"]["SentRead"][];
            /** @description In one currency, when `shown_in` asks for it */
            shown: components["schemas"]["ShownRead"] | null;
        };
        /**
         * SpendingTotal
         * @description The sums of one currency.
         */
        SpendingTotal: {
            /** Currency */
            currency: string;
            /** Spent Minor */
            spent_minor: number;
            /** Saved Minor */
            saved_minor: number;
            /** Refunded Minor */
            refunded_minor: number;
        };
        /**
         * SpentPointsRead
         * @description Points that pay a part.
         */
        SpentPointsRead: {
            /** Programme */
            programme: string;
            /** Points */
            points: number;
            /** Amount Minor */
            amount_minor: number;
            /**
             * Left
             * @description Points that stay
             */
            left: number;
        };
        /**
         * SponsorBody
         * @description One organisation's part of what the sponsors bear; it must accept before the launch.
         */
        SponsorBody: {
            /**
             * Organisation
             * Format: uuid
             */
            organisation: string;
            /** Share Bp */
            share_bp: number;
        };
        /**
         * StockChange
         * @description Units that came in; a negative number takes away units that nobody has reserved.
         */
        StockChange: {
            /**
             * Units
             * @example 100
             */
            units: number;
        };
        /**
         * StockRead
         * @description What one sku sold.
         */
        StockRead: {
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            /** Category */
            category: string | null;
            /**
             * Units With
             * @description In orders with a voucher of the campaign
             */
            units_with: number;
            /** Amount With Minor */
            amount_with_minor: number;
            /**
             * Units Without
             * @description In orders of the window without any voucher
             */
            units_without: number;
            /**
             * Units Returned
             * @description Of `units_with`, by refunds
             */
            units_returned: number;
        };
        /**
         * StorePut
         * @description A store, or what changes of it.
         */
        StorePut: {
            /**
             * Name
             * @example 西湖店
             */
            name: string;
            /** Address */
            address?: string | null;
            /**
             * Zone
             * @default UTC
             * @example Asia/Shanghai
             */
            zone?: string;
            /**
             * Open
             * @description false: no longer used; what was sold there stays
             * @default true
             */
            open?: boolean;
        };
        /**
         * StoreRead
         * @description A place where the organisation sells; orders and campaign terms name it by its code.
         */
        StoreRead: {
            /**
             * Code
             * @example west-lake
             */
            code: string;
            /** Name */
            name: string;
            /** Address */
            address: string | null;
            /** Zone */
            zone: string;
            /** Open */
            open: boolean;
        };
        /**
         * SubjectKind
         * @description What a case is about.
         * @enum {string}
         */
        "SubjectKind-Output": "general" | "order" | "payment" | "voucher" | "redemption";
        /**
         * SubmitRequest
         * @description A step that a wallet elsewhere has signed: its bytes, or the hash under which it was sent.
         */
        SubmitRequest: {
            /**
             * Step
             * @description Its number
             */
            step: number;
            /**
             * Signed Transaction
             * @description It is sent from here, again and again
             */
            signed_transaction?: string | null;
            /**
             * Tx Hash
             * @description The wallet has sent it itself
             */
            tx_hash?: string | null;
        };
        /**
         * SurveyAnswer
         * @description The two questions.
         */
        SurveyAnswer: {
            /**
             * Solved
             * @description Was your problem solved?
             */
            solved: boolean;
            /**
             * Score
             * @description How was the help, from 1 to 5?
             */
            score: number;
        };
        /**
         * SurveyRead
         * @description What askers said of closed cases.
         */
        SurveyRead: {
            /** Closed */
            closed: number;
            /** Answered */
            answered: number;
            /** Solved */
            solved: number;
            /**
             * Scores
             * @example {
             *       "1": 0,
             *       "2": 0,
             *       "3": 1,
             *       "4": 2,
             *       "5": 7
             *     }
             */
            scores: {
                [key: string]: number;
            };
        };
        /**
         * SwapKind
         * @enum {string}
         */
        SwapKind: "swap" | "wrap" | "unwrap";
        /**
         * SwapPreviewRead
         * @description What the swap would do now.
         */
        SwapPreviewRead: {
            terms: components["schemas"]["TermsRead"];
            /** Steps */
            steps: components["schemas"]["CallToSign"][];
            /** @description The most that all transactions can be charged */
            fee_limit: components["schemas"]["ChainAmount"];
            /**
             * Balance Changes
             * @description What you give and get, as simulated, fees aside; null where no node simulates
             */
            balance_changes: components["schemas"]["BalanceChangeRead"][] | null;
            /**
             * Warnings
             * @description Accept each code before anything is signed
             */
            warnings: components["schemas"]["api__schemas__transfers__WarningRead"][];
        };
        /**
         * SwapRead
         * @description A swap, its transactions in order, and where it stands.
         */
        SwapRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** @description Of the whole: the last step does it, those before it only allow it */
            status: components["schemas"]["wallets__defi__model__StepStatus"];
            /**
             * Signs
             * @description keystore · outside
             * @example keystore
             */
            signs: string;
            terms: components["schemas"]["TermsRead"];
            /** Steps */
            steps: components["schemas"]["api__schemas__swaps__StepRead"][];
            /** @description What came out, from the final receipt */
            received: components["schemas"]["ChainAmount"] | null;
            /**
             * Cancelling
             * @description Its nonces are being used up so that it never happens
             */
            cancelling: boolean;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * SwapRequest
         * @description An exact amount of one asset for as much as possible of another.
         */
        SwapRequest: {
            /**
             * Account
             * @description CAIP-10, one of the caller's
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /**
             * Base Units
             * @example 1000000000000000000
             */
            base_units?: string | null;
            /**
             * Value
             * @description Units as people write them
             * @example 1.5
             */
            value?: string | null;
            /**
             * @description How soon each transaction shall be included
             * @default normal
             */
            speed?: components["schemas"]["Speed"];
            /**
             * Accept Warnings
             * @description Codes of the preview's warnings that the person accepts
             */
            accept_warnings?: string[];
            /**
             * Sell
             * @description CAIP-19
             * @example eip155:31337/slip44:60
             */
            sell: string;
            /**
             * Buy
             * @description CAIP-19
             */
            buy: string;
            /**
             * Slippage Bps
             * @description How much less than expected may come out, in hundredths of a percent
             * @default 50
             */
            slippage_bps?: number;
            /**
             * Lifetime Seconds
             * @description Of block time, after which the router refuses
             * @default 1200
             */
            lifetime_seconds?: number;
        };
        /**
         * TemplateRead
         * @description A campaign to begin with: add dates and lanes to `draft`.
         */
        TemplateRead: {
            /** Id */
            id: string;
            /**
             * Name
             * @description In the language of the request
             */
            name: string;
            /** About */
            about: string;
            /**
             * Draft
             * @description The body of POST /campaigns but for what is the merchant's
             */
            draft: {
                [key: string]: unknown;
            };
            /**
             * Change
             * @description Fields to look at first
             */
            change: string[];
        };
        /**
         * TenderCreate
         * @description Money that the till took: exactly what is left to pay.
         */
        TenderCreate: {
            method: components["schemas"]["TenderMethod"];
            /** Amount Minor */
            amount_minor: number;
            /**
             * Reference
             * @description A slip's number, for instance
             */
            reference?: string | null;
        };
        /**
         * TenderMethod
         * @enum {string}
         */
        TenderMethod: "cash" | "card_terminal" | "other";
        /**
         * TenderRead
         * @description Entered by the merchant: attested, never proved.
         */
        TenderRead: {
            method: components["schemas"]["TenderMethod"];
            /** Amount Minor */
            amount_minor: number;
            /** Reference */
            reference: string | null;
            /** Entered At */
            entered_at: string;
            /**
             * Attested
             * @default true
             */
            attested?: boolean;
        };
        /**
         * TermsRead
         * @description What is agreed.
         */
        TermsRead: {
            kind: components["schemas"]["SwapKind"];
            /**
             * Account
             * @description CAIP-10
             */
            account: string;
            sell: components["schemas"]["ChainAmount"];
            /** @description As simulated; where no node simulates, as the router says */
            expected: components["schemas"]["ChainAmount"];
            /** @description The router refuses to give less */
            least: components["schemas"]["ChainAmount"];
            /**
             * Path
             * @description Tokens from the sold to the bought one, CAIP-10; empty for wrapping
             */
            path: string[];
            /**
             * Price Impact Bps
             * @description Below the pools' present price, their fees included; 1/100 %
             */
            price_impact_bps: number;
            /** Slippage Bps */
            slippage_bps: number;
            /**
             * Deadline
             * @description Unix seconds of block time; null for wrapping, which never expires
             */
            deadline: number | null;
            /**
             * Router
             * @description CAIP-10; takes the sold tokens
             */
            router: string | null;
            /**
             * Transfer Fees
             * @description A token on the way keeps part of what is transferred
             */
            transfer_fees: boolean;
        };
        /**
         * TicketRead
         * @description What the holder sends in any transaction of their own.
         */
        TicketRead: {
            /** Voucher */
            voucher: string;
            /** Holder */
            holder: string;
            /**
             * Valid Before
             * @description Unix seconds
             */
            valid_before: number;
            /**
             * Signature
             * @description 0x, 65 bytes
             */
            signature: string;
            /**
             * To
             * @description The book
             */
            to: string | null;
            /**
             * Data
             * @description Call data, 0x
             */
            data: string | null;
        };
        /**
         * TicketRequest
         * @description As a claim, by a signed ticket (EVM).
         */
        TicketRequest: {
            /** Code */
            code: string;
            /**
             * Account
             * @description CAIP-10: who gets the voucher
             */
            account: string;
            /**
             * Device
             * @description What names this device; kept hashed
             */
            device?: string | null;
            /**
             * Relayed
             * @description Let the relayer send it, at no cost to the holder
             * @default false
             */
            relayed?: boolean;
        };
        /**
         * Token
         * @description A one-time code from a mail or an invitation.
         */
        Token: {
            /**
             * Token
             * @example Pyscmt0A4cSLX3ptHCOZ3kq8l0m4x2Q7c1ZkG0b5r9E
             */
            token: string;
        };
        /**
         * TotalRead
         * @description The sum of all worths, and whether it is all.
         */
        TotalRead: {
            money: components["schemas"]["CurrencyAmount"];
            /**
             * Complete
             * @description false: a chain did not answer, its history is not read, or a price is missing
             */
            complete: boolean;
            /**
             * Missing
             * @description Symbols without a usable price
             * @example [
             *       "ETH"
             *     ]
             */
            missing: string[];
            /** Sources */
            sources: string[];
            /**
             * Priced At
             * @description Of the oldest price in it
             */
            priced_at: string | null;
        };
        /**
         * TotpRead
         * @description Shown once. Scan it, then confirm with the first code.
         */
        TotpRead: {
            /**
             * Secret
             * @description Base32
             * @example JBSWY3DPEHPK3PXP
             */
            secret: string;
            /**
             * Uri
             * @description `otpauth://` for a QR code
             * @example otpauth://totp/Quanbao:mei?secret=JBSWY3DP
             */
            uri: string;
        };
        /**
         * TransferBatchRead
         * @description In the order of the request.
         */
        TransferBatchRead: {
            /** Outcomes */
            outcomes: components["schemas"]["TransferOutcome"][];
        };
        /**
         * TransferBatchRequest
         * @description Up to a hundred transfers; each gets the request's Idempotency-Key with its place behind it.
         */
        TransferBatchRequest: {
            /** Transfers */
            transfers: components["schemas"]["TransferRequest"][];
        };
        /**
         * TransferOutcome
         * @description One transfer of a batch: what was made, or why nothing was.
         */
        TransferOutcome: {
            transfer: components["schemas"]["TransferRead"] | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
        };
        /**
         * TransferPolicy
         * @enum {string}
         */
        TransferPolicy: "free" | "once" | "bound";
        /**
         * TransferPreviewRead
         * @description What the transfer would do now.
         */
        TransferPreviewRead: {
            /**
             * Sender
             * @description CAIP-10
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            sender: string;
            /**
             * Recipient
             * @description CAIP-10
             */
            recipient: string;
            amount: components["schemas"]["ChainAmount"];
            /** @description The most that the chain can charge, in its native coin */
            fee_limit: components["schemas"]["ChainAmount"];
            /** @description What the account holds of the asset now */
            balance: components["schemas"]["ChainAmount"];
            /** @description Part of the fee limit that a rollup charges for bytes */
            data_fee: components["schemas"]["ChainAmount"] | null;
            /**
             * Expected Seconds
             * @description Until inclusion at the chosen speed
             */
            expected_seconds: number | null;
            /**
             * Warnings
             * @description Accept each code before the transfer is signed
             */
            warnings: components["schemas"]["api__schemas__transfers__WarningRead"][];
            /**
             * Balance Changes
             * @description Of both accounts, fees aside, as simulated; null where no node simulates
             */
            balance_changes: components["schemas"]["BalanceChangeRead"][] | null;
        };
        /**
         * TransferRead
         * @description A transfer and where it stands.
         */
        TransferRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Status
             * @description awaiting_signature · in_flight · done · failed · cancelled
             * @example in_flight
             */
            status: string;
            /**
             * Chain
             * @description CAIP-2
             * @example eip155:31337
             */
            chain: string;
            /**
             * Sender
             * @description CAIP-10
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            sender: string;
            /**
             * Recipient
             * @description CAIP-10
             */
            recipient: string;
            amount: components["schemas"]["ChainAmount"];
            /** @description Once signed */
            fee_limit: components["schemas"]["ChainAmount"] | null;
            /** @description Once included */
            fee_paid: components["schemas"]["ChainAmount"] | null;
            /**
             * Tx Hash
             * @description Once signed, before it is broadcast
             */
            tx_hash: string | null;
            /**
             * Attempt
             * @description signed · sent · included · final · dead
             */
            attempt: string | null;
            /**
             * Height
             * @description Block number or slot, while included
             */
            height: number | null;
            /**
             * Block Hash
             * @description Hex
             */
            block_hash: string | null;
            /**
             * Finality
             * @description included · safe · finalized
             * @example finalized
             */
            finality: string | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
            /**
             * Needs Holder
             * @description Only the holder's unlocked keys can go on
             */
            needs_holder: boolean;
            /**
             * Fee Blocked
             * @description The network wants a higher fee
             */
            fee_blocked: boolean;
            /**
             * Cancelling
             * @description Its nonce is being used up so that it never happens
             */
            cancelling: boolean;
            /**
             * Attempts
             * @description Transactions signed for it, those kept in reserve included
             * @example 1
             */
            attempts: number;
            speed: components["schemas"]["Speed"];
            /** Retry Of */
            retry_of: string | null;
            /**
             * Support Reference
             * @description To tell support; a case about this transfer carries it
             * @example QP-7K3M9PQ2
             */
            support_reference: string;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * TransferRequest
         * @description What to send: exactly one of `base_units` and `value`.
         */
        TransferRequest: {
            /**
             * Sender
             * @description CAIP-10 account of one of the caller's wallets
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            sender: string;
            /**
             * Recipient
             * @description Address on the sender's chain, or CAIP-10
             * @example 0x70997970C51812dc3A010C7d01b50e0d17dc79C8
             */
            recipient: string;
            /**
             * Asset
             * @description CAIP-19
             * @example eip155:31337/slip44:60
             */
            asset: string;
            /**
             * Base Units
             * @description Integer base units (wei, lamports)
             * @example 1500000000000000000
             */
            base_units?: string | null;
            /**
             * Value
             * @description Units as people write them; refused with too many decimals
             * @example 1.5
             */
            value?: string | null;
            /**
             * @description How soon it shall be included; decides the fee
             * @default normal
             */
            speed?: components["schemas"]["Speed"];
            /**
             * Accept Warnings
             * @description Codes of the preview's warnings that the sender has read and accepts
             * @example [
             *       "contract_recipient"
             *     ]
             */
            accept_warnings?: string[];
            /**
             * Presign
             * @description Dearer replacements to sign along, for the time when the keys are locked
             * @default 0
             */
            presign?: number;
            /**
             * Presign Fee Limit
             * @description The most that the last of them may cost, in base units of the native coin
             */
            presign_fee_limit?: string | null;
        };
        /**
         * TriedRead
         * @description A past payment of which the tried rules say something else.
         */
        TriedRead: {
            /**
             * Payment Id
             * Format: uuid
             */
            payment_id: string;
            /** Act */
            act: string;
            /** Created At */
            created_at: string;
            /** @description What the present rules say */
            now: components["schemas"]["wallets__policy__rules__Outcome"];
            then: components["schemas"]["wallets__policy__rules__Outcome"];
            /** Reasons */
            reasons: components["schemas"]["ReasonRead"][];
        };
        /**
         * TriggerBody
         * @description What earns a voucher of the campaign from now on.
         */
        TriggerBody: {
            kind: components["schemas"]["TriggerKind"];
            /**
             * Rule
             * @description first_payment {min_minor}; loyalty {every, times}; spend {minor, repeat}; date {at, segment}; visit {every}; referral {reward_on, most}; cashback {min_minor, per_minor, most}; welcome {}
             */
            rule?: {
                [key: string]: unknown;
            };
        };
        /**
         * TriggerKind
         * @enum {string}
         */
        TriggerKind: "welcome" | "first_payment" | "loyalty" | "spend" | "date" | "visit" | "referral" | "cashback";
        /**
         * TriggerRead
         * @description A trigger. `code`: of a visit, told once: show it in the shop.
         */
        TriggerRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Campaign */
            campaign: string;
            kind: components["schemas"]["TriggerKind"];
            /** Rule */
            rule: {
                [key: string]: unknown;
            };
            /** Ended At */
            ended_at: string | null;
            /** Created At */
            created_at: string;
            /** Code */
            code?: string | null;
        };
        /**
         * UnlockKeyAdd
         * @description Let a passkey's device open the keystore: the passphrase is asked again.
         */
        UnlockKeyAdd: {
            /**
             * Passphrase
             * Format: password
             * @example correct horse battery staple
             */
            passphrase: string;
            /**
             * Credential
             * @description `PublicKeyCredential.toJSON()` of the browser
             * @example {
             *       "id": "AQID",
             *       "rawId": "AQID",
             *       "response": {},
             *       "type": "public-key"
             *     }
             */
            credential: {
                [key: string]: unknown;
            };
            /**
             * Device Answer
             * @description First result of the PRF extension: 32 bytes in base64url
             * @example AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8
             */
            device_answer: string;
        };
        /**
         * UnlockRead
         * @description The keys are usable by this session until then.
         */
        UnlockRead: {
            /** Unlocked Until */
            unlocked_until: string;
        };
        /**
         * UnreadRead
         * @description How many notifications are unread.
         */
        UnreadRead: {
            /** Count */
            count: number;
        };
        /**
         * UnusedPointsRead
         * @description Points that are not used, and why.
         */
        UnusedPointsRead: {
            /** Programme */
            programme: string;
            reason: components["schemas"]["UnusedReason"];
        };
        /**
         * UnusedReason
         * @description Why a voucher is not used.
         * @enum {string}
         */
        UnusedReason: "not_yet_valid" | "expired" | "paused" | "other_currency" | "other_merchant" | "nothing_eligible" | "below_min_spend" | "below_min_quantity" | "no_such_gift" | "gift_out_of_stock" | "limit_reached" | "identity_level_too_low" | "no_effect" | "nothing_left" | "one_per_campaign" | "most_per_campaign" | "not_combinable" | "order_full" | "not_best";
        /**
         * UnusedVoucherRead
         * @description A voucher that is not used, and why.
         */
        UnusedVoucherRead: {
            /** Voucher */
            voucher: string;
            /**
             * Reason
             * @example below_min_spend
             */
            reason: components["schemas"]["UnusedReason"] | string;
            /**
             * Would Give Minor
             * @description Alone, where it would give something
             */
            would_give_minor: number;
            /**
             * Spend More
             * @description Minor units missing to its threshold
             */
            spend_more: number | null;
            /**
             * Units More
             * @description Units missing, of eligible goods or of the gift
             */
            units_more?: number | null;
        };
        /**
         * UpliftRead
         * @description Orders with a voucher beside orders without, and the window beside as long a time before it. A comparison, not an
         *     experiment: who uses vouchers differs from who does not.
         */
        UpliftRead: {
            /** With Orders */
            with_orders: number;
            /** With Sales Minor */
            with_sales_minor: number;
            /** Without Orders */
            without_orders: number;
            /** Without Sales Minor */
            without_sales_minor: number;
            /** Before Orders */
            before_orders: number;
            /** Before Sales Minor */
            before_sales_minor: number;
            /**
             * Seconds
             * @description How long the window has run; the time before it is as long
             */
            seconds: number;
            /**
             * Basket Uplift Bp
             * @description Average order with a voucher against without, basis points
             */
            basket_uplift_bp: number | null;
            /**
             * Sales Uplift Bp
             * @description Sales in the window against the time before, basis points
             */
            sales_uplift_bp: number | null;
        };
        /**
         * UsedVoucherRead
         * @description A voucher that the order uses; `discount_minor` is what it takes off, or pays (`stored_value`).
         */
        UsedVoucherRead: {
            /** Voucher */
            voucher: string;
            kind: components["schemas"]["VoucherKind"];
            /** Discount Minor */
            discount_minor: number;
            /**
             * Sponsor Minor
             * @description The sponsor's share of it
             */
            sponsor_minor: number;
            /**
             * Per Line
             * @description Minor units, in the order of the lines
             */
            per_line: number[];
            /**
             * Balance Left Minor
             * @description Stored value: what stays on it
             */
            balance_left_minor: number | null;
            gift: components["schemas"]["GiftGivenRead"] | null;
        };
        /**
         * ValuedPortfolioRead
         * @description All that a person holds, read now.
         */
        ValuedPortfolioRead: {
            /** Items */
            items: components["schemas"]["PortfolioItem"][];
            total: components["schemas"]["TotalRead"];
            /**
             * In Shop
             * @description What vouchers and points take off at most; not in the total
             */
            in_shop: components["schemas"]["CurrencyAmount"][];
            /**
             * Unavailable
             * @description Chains (CAIP-2) whose node did not answer; their holdings are absent
             */
            unavailable: string[];
            /**
             * Reading
             * @description Chains whose history is not read to its end: ask again
             */
            reading: string[];
            /** Read At */
            read_at: string;
            /**
             * Watched
             * @description What watched addresses hold; it cannot be spent here
             */
            watched: components["schemas"]["PortfolioItem"][];
            /** @description Of what is watched; it is not in `total` */
            watched_total: components["schemas"]["TotalRead"];
            /**
             * Watched Unavailable
             * @description Networks (CAIP-2) without a node of ours that answers
             */
            watched_unavailable: string[];
        };
        /**
         * Verdict
         * @description passed < alert < blocked < frozen.
         * @enum {string}
         */
        Verdict: "passed" | "alert" | "blocked" | "frozen";
        /**
         * VersionRead
         * @description Rules that were saved.
         */
        VersionRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Policy */
            policy: {
                [key: string]: unknown;
            };
            /**
             * Created By
             * Format: uuid
             */
            created_by: string;
            /** Created At */
            created_at: string;
            /** Effective At */
            effective_at: string;
            /**
             * Loosens
             * @description Earlier rules that these hold less strictly
             */
            loosens: string[];
            /** Approved By */
            approved_by: string | null;
        };
        /**
         * VoucherKind
         * @enum {string}
         */
        VoucherKind: "threshold" | "percent" | "cash" | "gift" | "stored_value" | "points";
        /**
         * VoucherPlaces
         * @description Where it works. null is no limit; an empty list is nowhere.
         */
        VoucherPlaces: {
            /**
             * Merchants
             * @description Organisation ids
             */
            merchants: string[] | null;
            /** Stores */
            stores: string[] | null;
            /** Categories */
            categories: string[] | null;
            /** Skus */
            skus: string[] | null;
            /** Excluded Skus */
            excluded_skus: string[];
        };
        /**
         * VoucherRead
         * @description A voucher as the chain tells it.
         */
        VoucherRead: {
            /**
             * Id
             * @description 64 hex digits: campaign, then serial; on EVM the token id
             */
            id: string;
            /** Campaign */
            campaign: string;
            /**
             * Title
             * @example 满100减20
             */
            title: string;
            /**
             * Kind
             * @example threshold
             */
            kind: string;
            /**
             * Effect
             * @description As in the rule document, minor units
             */
            effect: {
                [key: string]: unknown;
            };
            /**
             * Currency
             * @example CNY
             */
            currency: string;
            /**
             * Chain
             * @description CAIP-2
             */
            chain: string;
            /**
             * Holder
             * @description CAIP-10
             */
            holder: string;
            status: components["schemas"]["VoucherStatus"];
            /**
             * In Flight
             * @description A payment is redeeming it right now
             */
            in_flight: boolean;
            /**
             * Finality
             * @description Of its newest fact: included, safe, finalized
             * @example finalized
             */
            finality: string;
            /** Valid From */
            valid_from: string;
            /**
             * Valid Until
             * @description First moment too late, as far as is known now: pauses on chain move it on
             */
            valid_until: string;
            /**
             * Paused
             * @description The issuer has paused the campaign on chain: it works again later
             */
            paused: boolean;
            /** Zone */
            zone: string;
            /** Issued At */
            issued_at: string;
            /** Redeemed At */
            redeemed_at: string | null;
            /**
             * Merchant
             * @description CAIP-10, once redeemed
             */
            merchant: string | null;
            /**
             * Redemption
             * @description Redemption id, 64 hex digits
             */
            redemption: string | null;
            /** Order Hash */
            order_hash: string | null;
            discount: components["schemas"]["CurrencyAmount"] | null;
            /** @description What escrow paid the merchant */
            payout: components["schemas"]["ChainAmount"] | null;
            /**
             * Diverged
             * @description Chain facts contradict each other
             */
            diverged: boolean;
            /**
             * Last Day
             * @description The last day on which it works, in the campaign's zone
             * @example 2026-05-31
             */
            last_day: string;
            works: components["schemas"]["VoucherPlaces"];
            /**
             * Transfer
             * @description Whether it may change hands: free, once, bound
             */
            transfer: string;
            /**
             * Transferable
             * @description It may change hands now
             */
            transferable: boolean;
            /**
             * Issuer Can
             * @description What the issuer may still do to it; nothing else ever becomes possible
             * @example [
             *       "pause"
             *     ]
             */
            issuer_can: string[];
            /**
             * Refund Seconds
             * @description How long after its redemption it can come back; 0: never
             */
            refund_seconds: number;
        };
        /**
         * VoucherStatus
         * @enum {string}
         */
        VoucherStatus: "live" | "redeemed" | "void";
        /**
         * VoucherTransfer
         * @description To whom.
         */
        VoucherTransfer: {
            /**
             * Recipient
             * @description CAIP-10, on the voucher's chain
             */
            recipient: string;
        };
        /**
         * VoucherTransferRead
         * @description Under way; the voucher's holder changes when the chain says so.
         */
        VoucherTransferRead: {
            /**
             * Payment
             * Format: uuid
             */
            payment: string;
            status: components["schemas"]["PaymentState"];
            /** Tx Hash */
            tx_hash: string | null;
        };
        /**
         * WaitingLeaf
         * @description A voucher that an organisation has put on a list for one of the caller's accounts; claiming it costs nothing.
         */
        WaitingLeaf: {
            /** Campaign */
            campaign: string;
            /** Title */
            title: string;
            kind: components["schemas"]["VoucherKind"];
            /** Organisation */
            organisation: string;
            /**
             * Summary
             * @description What it is worth, in the language of the request
             */
            summary: string;
            /**
             * Chain
             * @description CAIP-2
             */
            chain: string;
            /**
             * Account
             * @description CAIP-10, the caller's: who gets it
             */
            account: string;
            /** Drop */
            drop: number;
            /**
             * Index
             * @description Of its leaf: with campaign, drop and account what `POST /claims/drops` takes
             */
            index: number;
            /**
             * Voucher
             * @description Its number once it is claimed
             */
            voucher: string;
            /**
             * Claim Until
             * @description Nothing can be claimed from then on
             */
            claim_until: string;
            /** @description Of the claim that was asked for it; null: none was */
            status: components["schemas"]["ClaimStatus"] | null;
            failure: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
        };
        /**
         * WalletCreate
         * @description A new wallet from fresh entropy.
         */
        WalletCreate: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Words
             * @description How many words the mnemonic has
             * @default 12
             * @enum {integer}
             */
            words?: 12 | 15 | 18 | 21 | 24;
            /**
             * Language
             * @description Of the BIP-39 word list
             * @default english
             * @enum {string}
             */
            language?: "english" | "chinese_simplified" | "chinese_traditional" | "czech" | "french" | "italian" | "japanese" | "korean" | "portuguese" | "spanish";
            /**
             * Bip39 Passphrase
             * Format: password
             * @description Optional extra secret of BIP-39; without it the words alone are worth nothing
             * @default
             */
            bip39_passphrase?: string;
        };
        /**
         * WalletImport
         * @description A wallet from words that the caller has.
         */
        WalletImport: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Mnemonic
             * Format: password
             * @description BIP-39 words of any of the ten languages, separated by spaces
             */
            mnemonic: string;
            /**
             * Bip39 Passphrase
             * Format: password
             * @default
             */
            bip39_passphrase?: string;
        };
        /**
         * WalletKind
         * @enum {string}
         */
        WalletKind: "mnemonic" | "shares" | "extended_key" | "single_key" | "watch" | "service";
        /**
         * WalletLogin
         * @description Sign in with a wallet; an account that nobody has linked makes a new person without e-mail.
         */
        WalletLogin: {
            /**
             * Message
             * @example localhost:8080 wants you to sign in…
             */
            message: string;
            /**
             * Signature
             * @description 65 bytes in hex (Ethereum), 64 bytes in base58 (Solana)
             * @example 0x1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111
             */
            signature: string;
            /**
             * Device
             * @description Label in the list of sessions
             * @default unnamed device
             * @example Mei's phone
             */
            device?: string;
            /**
             * Transport
             * @description `cookie` sets an HttpOnly session cookie and keeps the token out of the answer (for pages)
             * @default bearer
             * @enum {string}
             */
            transport?: "bearer" | "cookie";
        };
        /**
         * WalletRead
         * @description A wallet; never its words.
         */
        WalletRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Label
             * @example Home
             */
            label: string;
            kind: components["schemas"]["WalletKind"];
            /**
             * Words
             * @description Of a mnemonic; null for other kinds
             * @example 12
             */
            words: number | null;
            /**
             * Language
             * @description Of a mnemonic; null for other kinds
             * @example english
             */
            language: string | null;
            /**
             * Curve
             * @description Of an imported key, its only one; null: every curve
             * @example secp256k1
             */
            curve: string | null;
            /**
             * Backup Confirmed
             * @description Whether the owner has proved to have the words
             */
            backup_confirmed: boolean;
            /** Created At */
            created_at: string;
        };
        /**
         * WalletSignature
         * @description The signed text and its signature.
         */
        WalletSignature: {
            /**
             * Message
             * @example localhost:8080 wants you to sign in…
             */
            message: string;
            /**
             * Signature
             * @description 65 bytes in hex (Ethereum), 64 bytes in base58 (Solana)
             * @example 0x1111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111111
             */
            signature: string;
        };
        /**
         * WatchCreate
         * @description A wallet that only watches.
         */
        WatchCreate: {
            /**
             * Label
             * @example Home
             */
            label: string;
            /**
             * Extended Public Key
             * @description xpub, ypub, zpub, tpub, upub or vpub; without it addresses are added one by one
             */
            extended_public_key?: string | null;
        };
        /**
         * WatchRead
         * @description The funnel of a campaign.
         */
        WatchRead: {
            campaign: components["schemas"]["CampaignRead"];
            /**
             * Claims
             * @description Claims by status
             */
            claims: {
                [key: string]: number;
            };
            /**
             * Waiting
             * @description Vouchers asked for and not yet issued
             */
            waiting: number;
            /**
             * Remaining
             * @description Below the caps
             */
            remaining: number;
            /** Partners */
            partners: components["schemas"]["PartnerRead"][];
            /** Acts */
            acts: components["schemas"]["ActRead"][];
            /** Drops */
            drops: components["schemas"]["DropRead"][];
        };
        /**
         * WatchedCreate
         * @description An address to watch: the next one of the wallet's extended public key, one at a path of it, or any address.
         */
        WatchedCreate: {
            /**
             * Network
             * @description CAIP-2
             * @example eip155:1
             */
            network: string;
            /**
             * Address
             * @example 0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            address?: string | null;
            /** Scheme */
            scheme?: string | null;
            /**
             * Path
             * @description Below the extended public key
             * @example m/0/0
             */
            path?: string | null;
            /** Label */
            label?: string | null;
        };
        /**
         * WatchedHoldingRead
         * @description What a watched address holds of one asset.
         */
        WatchedHoldingRead: {
            /**
             * Network
             * @description CAIP-2
             */
            network: string;
            /** Address */
            address: string;
            /** Label */
            label: string;
            amount: components["schemas"]["ChainAmount"];
        };
        /**
         * WatchedPortfolioRead
         * @description Holdings of watched addresses, read from the chains now; nothing of it can be spent here.
         */
        WatchedPortfolioRead: {
            /** Items */
            items: components["schemas"]["WatchedHoldingRead"][];
            /**
             * Unavailable
             * @description Networks (CAIP-2) without a node of ours that answers
             */
            unavailable: string[];
        };
        /**
         * WebhookChange
         * @description What replaces an endpoint's settings.
         */
        WebhookChange: {
            /**
             * Url
             * @example https://shop.example/hooks/quanbao
             */
            url: string;
            /**
             * Events
             * @description Names (`order.paid`), groups (`order.*`), or everything (`*`)
             * @example [
             *       "order.paid",
             *       "order.refunded"
             *     ]
             */
            events: string[];
            /**
             * Active
             * @description True also switches one on again that we have switched off
             * @default true
             */
            active?: boolean;
        };
        /**
         * WebhookCreate
         * @description A new endpoint.
         */
        WebhookCreate: {
            /**
             * Url
             * @example https://shop.example/hooks/quanbao
             */
            url: string;
            /**
             * Events
             * @description Names (`order.paid`), groups (`order.*`), or everything (`*`)
             * @example [
             *       "order.paid",
             *       "order.refunded"
             *     ]
             */
            events: string[];
        };
        /**
         * WebhookMade
         * @description An endpoint with its secret, which is shown this once.
         */
        WebhookMade: {
            webhook: components["schemas"]["WebhookRead"];
            /**
             * Secret
             * @description Keep it at the receiver
             * @example whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw
             */
            secret: string;
            /**
             * Previous Until
             * @description Until when the secret before signs as well
             */
            previous_until: string | null;
        };
        /**
         * WebhookRead
         * @description An endpoint, without its secret.
         */
        WebhookRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Url
             * @example https://shop.example/hooks/quanbao
             */
            url: string;
            /**
             * Events
             * @description Names (`order.paid`), groups (`order.*`), or everything (`*`)
             * @example [
             *       "order.paid",
             *       "order.refunded"
             *     ]
             */
            events: string[];
            /** @description `disabled`: it failed for three days, or answered 410 */
            status: components["schemas"]["EndpointStatus"];
            /**
             * Failing Since
             * @description When it last began to fail
             */
            failing_since: string | null;
            /**
             * Reason
             * @description Why it is disabled: `failing` or `gone`
             */
            reason: string | null;
            /** Created At */
            created_at: string;
        };
        /**
         * WelcomeRequest
         * @description The welcome of an organisation that you have never paid.
         */
        WelcomeRequest: {
            /** Campaign */
            campaign: string;
            /** Account */
            account: string;
            /** Device */
            device?: string | null;
        };
        /**
         * Word
         * @description pending → accepted / refused / expired.
         * @enum {string}
         */
        Word: "pending" | "accepted" | "refused" | "expired";
        /**
         * WordRead
         * @description A word in plain words.
         */
        WordRead: {
            /**
             * Id
             * @example final
             */
            id: string;
            /**
             * Term
             * @example Final
             */
            term: string;
            /**
             * Meaning
             * @example So deep in the chain that it stays.
             */
            meaning: string;
        };
        /**
         * WorthRead
         * @description What something is worth now.
         */
        WorthRead: {
            money: components["schemas"]["CurrencyAmount"];
            /**
             * Rate
             * @description Whole units of the currency for one of the asset
             * @example 21345.67
             */
            rate: string;
            /**
             * Source
             * @description Whose price it is
             * @example treasury desk
             */
            source: string;
            /**
             * Priced At
             * @description When that price was so
             */
            priced_at: string;
        };
        /**
         * WrapRequest
         * @description An amount of the native coin as its token, or back; one for one.
         */
        WrapRequest: {
            /**
             * Account
             * @description CAIP-10, one of the caller's
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /**
             * Base Units
             * @example 1000000000000000000
             */
            base_units?: string | null;
            /**
             * Value
             * @description Units as people write them
             * @example 1.5
             */
            value?: string | null;
            /**
             * @description How soon each transaction shall be included
             * @default normal
             */
            speed?: components["schemas"]["Speed"];
            /**
             * Accept Warnings
             * @description Codes of the preview's warnings that the person accepts
             */
            accept_warnings?: string[];
        };
        /** Page[ConsentRead] */
        api__paging__Page_ConsentRead___1: {
            /** Items */
            items: components["schemas"]["api__schemas__people__ConsentRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[ConsentRead] */
        api__paging__Page_ConsentRead___2: {
            /** Items */
            items: components["schemas"]["api__schemas__orders__ConsentRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[DeliveryRead] */
        api__paging__Page_DeliveryRead___1: {
            /** Items */
            items: components["schemas"]["api__schemas__gifts__DeliveryRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[DeliveryRead] */
        api__paging__Page_DeliveryRead___2: {
            /** Items */
            items: components["schemas"]["api__schemas__webhooks__DeliveryRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[GrantRead] */
        api__paging__Page_GrantRead___1: {
            /** Items */
            items: components["schemas"]["api__schemas__handouts__GrantRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[GrantRead] */
        api__paging__Page_GrantRead___2: {
            /** Items */
            items: components["schemas"]["api__schemas__auditing__GrantRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[InvitationRead] */
        api__paging__Page_InvitationRead___1: {
            /** Items */
            items: components["schemas"]["api__schemas__people__InvitationRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /** Page[InvitationRead] */
        api__paging__Page_InvitationRead___2: {
            /** Items */
            items: components["schemas"]["api__schemas__handouts__InvitationRead"][];
            /**
             * Next Cursor
             * @description Send it as `cursor` for the next part; null at the end
             */
            next_cursor?: string | null;
        };
        /**
         * FindingRead
         * @description A rule that holds.
         */
        api__schemas__alerts__FindingRead: {
            /**
             * Rule
             * @description Its id, as docs/risk.md lists it
             * @example approval.unlimited
             */
            rule: string;
            /** Score */
            score: number;
            /** Message */
            message: string;
            /**
             * Evidence
             * @description What the rule saw
             */
            evidence: {
                [key: string]: unknown;
            };
        };
        /**
         * CostRead
         * @description Who bore the discount.
         */
        api__schemas__analytics__CostRead: {
            /** Discount Minor */
            discount_minor: number;
            /**
             * Sponsor Minor
             * @description What escrow paid, rounded down to minor units
             */
            sponsor_minor: number;
            /** Merchant Minor */
            merchant_minor: number;
            /** Payout Units */
            payout_units: string;
        };
        /**
         * ApprovalRead
         * @description Something that somebody else may take.
         */
        api__schemas__assets__ApprovalRead: {
            kind: components["schemas"]["ApprovalKind"];
            /** Owner */
            owner: string;
            /**
             * Token
             * @description Null for a delegation, which may take everything
             */
            token: string | null;
            /** Spender */
            spender: string;
            /**
             * Base Units
             * @description Null: all of them
             */
            base_units: string | null;
            /** Unlimited */
            unlimited: boolean;
            /**
             * Until
             * @description Unix seconds after which it ends by itself
             */
            until: number | null;
        };
        /**
         * HoldingRead
         * @description A token or collectible, as its contract tells it now.
         */
        api__schemas__assets__HoldingRead: {
            /**
             * Asset
             * @description CAIP-19, with the token id of a collectible
             */
            asset: string;
            /**
             * Kind
             * @description erc20, erc721 or erc1155
             * @example erc20
             */
            kind: string;
            /** Base Units */
            base_units: string;
            /**
             * Decimals
             * @description 0 where the contract names none
             */
            decimals: number;
            /**
             * Symbol
             * @description As the contract says; anybody may choose any
             */
            symbol: string;
            /** Name */
            name: string;
            /**
             * Marks
             * @description unsolicited, imitation, lure: why not to trust it
             * @example [
             *       "imitation"
             *     ]
             */
            marks: string[];
            /**
             * Hidden
             * @description Better not shown unless asked for
             */
            hidden: boolean;
        };
        /**
         * FindingRead
         * @description One divergence, by name.
         */
        api__schemas__auditing__FindingRead: {
            /**
             * Fault
             * @example row_edited
             */
            fault: string;
            /**
             * Subject
             * @description What diverges: a voucher, a place on the chain, or the campaign
             */
            subject: string;
            /** Expected */
            expected: string;
            /** Found */
            found: string;
        };
        /**
         * GrantRead
         * @description A grant; its token is told once, when it is made.
         */
        api__schemas__auditing__GrantRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /** Label */
            label: string;
            /** Campaigns */
            campaigns: string[];
            /** Facts Since */
            facts_since: string;
            /** Facts Until */
            facts_until: string;
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
            /** Revoked At */
            revoked_at: string | null;
            /**
             * Token
             * @description Only in the answer to the grant's making
             */
            token?: string | null;
        };
        /**
         * FailureRead
         * @description Why something ended without effect.
         */
        api__schemas__campaigns__FailureRead: {
            /**
             * Code
             * @example insufficient_funds
             */
            code: string;
            /** Message */
            message: string;
            /** Facts */
            facts?: {
                [key: string]: unknown;
            };
        };
        /**
         * RateBody
         * @description Points against money.
         */
        api__schemas__campaigns__RateBody: {
            /** Points */
            points: number;
            /**
             * Minor
             * @description Minor units
             */
            minor: number;
        };
        /**
         * WarningRead
         * @description Something possible that is probably not meant.
         */
        api__schemas__campaigns__WarningRead: {
            /** Code */
            code: string;
            /** Field */
            field: string;
            /** Message */
            message: string;
        };
        /**
         * DeliveryRead
         * @description Units on their way to a holder, with an order or for points.
         */
        api__schemas__gifts__DeliveryRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Shop
             * Format: uuid
             */
            shop: string;
            /** Sku */
            sku: string;
            /** Name */
            name: string;
            /** Units */
            units: number;
            /**
             * Returned
             * @description Units that came back
             */
            returned: number;
            /** Order */
            order: string | null;
            delivery: components["schemas"]["Delivery"];
            /** @description backordered: owed, and not in stock yet */
            status: components["schemas"]["vouchers__gifts__model__DeliveryStatus"];
            /** Shipping */
            shipping: string | null;
            /** Created At */
            created_at: string;
            /** Updated At */
            updated_at: string;
        };
        /**
         * CostRead
         * @description What an act costs, and whom.
         */
        api__schemas__guidance__CostRead: {
            /**
             * Id
             * @example claim
             */
            id: string;
            /**
             * Act
             * @example Claim a voucher
             */
            act: string;
            /**
             * Who Pays
             * @example the merchant
             */
            who_pays: string;
            /**
             * Cost
             * @example free for you
             */
            cost: string;
            /**
             * Why
             * @example Whoever hands vouchers out pays the network for you, within a budget.
             */
            why: string;
        };
        /**
         * StepRead
         * @description One line of a checklist.
         */
        api__schemas__guidance__StepRead: {
            /**
             * Id
             * @example backup
             */
            id: string;
            /**
             * Do
             * @example Write your words on paper and confirm them
             */
            do: string;
            /**
             * Why
             * @example They are the only way back to your money.
             */
            why: string;
            /**
             * Where
             * @description Route or document
             * @example POST /wallets/{wallet_id}/backup/reveal
             */
            where: string;
        };
        /**
         * GrantRead
         * @description What somebody earned. `subject` says by what, once and for ever.
         */
        api__schemas__handouts__GrantRead: {
            /**
             * Trigger
             * Format: uuid
             */
            trigger: string;
            /** Subject */
            subject: string;
            /** Account */
            account: string | null;
            /** Count */
            count: number;
            /** Issuance */
            issuance: string | null;
            refusal: components["schemas"]["api__schemas__campaigns__FailureRead"] | null;
            /** Waiting */
            waiting: boolean;
            /** Created At */
            created_at: string;
        };
        /**
         * InvitationRead
         * @description A campaign of another organisation that names yours.
         */
        api__schemas__handouts__InvitationRead: {
            /** Campaign */
            campaign: string;
            /** Title */
            title: string;
            /**
             * By
             * Format: uuid
             * @description The organisation that drafted it
             */
            by: string;
            /** Status */
            status: string;
            your_part: components["schemas"]["PartnerRead"];
            /** Summary */
            summary: string[];
            /** Rules */
            rules: {
                [key: string]: unknown;
            };
        };
        /**
         * ConsentRead
         * @description Something for an outside wallet to sign (`eth_signTypedData_v4`).
         */
        api__schemas__orders__ConsentRead: {
            /**
             * Name
             * @description Name it so in `consents`
             * @example redeem_order
             */
            name: string;
            /**
             * Scheme
             * @example evm_typed_data
             */
            scheme: string;
            /**
             * Typed Data
             * @description A whole EIP-712 document
             */
            typed_data: {
                [key: string]: unknown;
            };
        };
        /**
         * ConsentRead
         * @description One purpose.
         */
        api__schemas__people__ConsentRead: {
            purpose: components["schemas"]["Purpose"];
            /**
             * Text
             * @description What is agreed to, in the caller's language
             */
            text: string;
            /** Given */
            given: boolean;
            /** Given At */
            given_at: string | null;
        };
        /**
         * InvitationRead
         * @description An open invitation.
         */
        api__schemas__people__InvitationRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Organisation Id
             * Format: uuid
             */
            organisation_id: string;
            /**
             * Email
             * @example li@example.com
             */
            email: string;
            role: components["schemas"]["MemberRole"];
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * RateBody
         * @description Points against minor units of the currency.
         */
        api__schemas__points__RateBody: {
            /**
             * Points
             * @example 1
             */
            points: number;
            /**
             * Minor
             * @example 100
             */
            minor: number;
        };
        /**
         * ApprovalRead
         * @description A payment that waits for words, the rest of an order, or something that a dApp wants signed.
         */
        api__schemas__policies__ApprovalRead: {
            /**
             * Payment Id
             * Format: uuid
             * @description By which the word is said: `POST /transfers/{payment_id}/approve`
             */
            payment_id: string;
            /**
             * Subject
             * @description Of what is no payment of the owner's own: `order`, or `request` of a dApp, by id
             */
            subject: {
                [key: string]: string;
            } | null;
            /**
             * Owner
             * Format: uuid
             */
            owner: string;
            /** Act */
            act: string;
            /**
             * Intent
             * @description What would happen, in full
             */
            intent: {
                [key: string]: unknown;
            };
            /** Payload Hash */
            payload_hash: string;
            /** Needs */
            needs: components["schemas"]["ReasonRead"][];
            /** Approved By */
            approved_by: string[];
            /** Created At */
            created_at: string;
            /** Expires At */
            expires_at: string;
        };
        /**
         * StepRead
         * @description One transaction of a swap, and where it stands.
         */
        api__schemas__swaps__StepRead: {
            /** Number */
            number: number;
            kind: components["schemas"]["wallets__defi__model__StepKind"];
            /**
             * To
             * @description Address
             */
            to: string;
            /**
             * Data
             * @description Hex
             */
            data: string;
            /**
             * Value
             * @description Wei, hex
             * @example 0x0
             */
            value: string;
            /**
             * Gas
             * @description Hex; null: to be estimated once the step before is in a block
             */
            gas: string | null;
            status: components["schemas"]["wallets__defi__model__StepStatus"];
            /** Tx Hash */
            tx_hash: string | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
        };
        /**
         * FailureRead
         * @description Why a payment failed: the code and facts that an error would carry.
         */
        api__schemas__transfers__FailureRead: {
            /**
             * Code
             * @example transaction_reverted
             */
            code: string;
            /** Message */
            message: string;
            /** Facts */
            facts: {
                [key: string]: unknown;
            };
        };
        /**
         * WarningRead
         * @description Something to accept before the transfer is signed.
         */
        api__schemas__transfers__WarningRead: {
            /**
             * Code
             * @example contract_recipient
             */
            code: string;
            /** Message */
            message: string;
        };
        /**
         * HoldingRead
         * @description What an account holds of one asset.
         */
        api__schemas__wallets__HoldingRead: {
            /**
             * Account
             * @description CAIP-10
             * @example eip155:31337:0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266
             */
            account: string;
            /** Label */
            label: string;
            amount: components["schemas"]["ChainAmount"];
        };
        /**
         * DeliveryRead
         * @description One event on its way to one endpoint.
         */
        api__schemas__webhooks__DeliveryRead: {
            /**
             * Id
             * Format: uuid
             */
            id: string;
            /**
             * Event Id
             * @description The header `webhook-id`; the same at every attempt
             * @example evt_5f0c
             */
            event_id: string;
            /**
             * Type
             * @example order.paid
             */
            type: string;
            status: components["schemas"]["people__webhooks__model__DeliveryStatus"];
            /** Attempts */
            attempts: number;
            /** Created At */
            created_at: string;
            /** Ended At */
            ended_at: string | null;
        };
        /**
         * SubjectKind
         * @description Whose chain of custody is shown.
         * @enum {string}
         */
        audit__provenance__model__SubjectKind: "voucher" | "holder" | "merchant" | "campaign";
        /**
         * Outcome
         * @description How a case ended.
         * @enum {string}
         */
        people__support__model__Outcome: "solved" | "refunded" | "refused" | "withdrawn";
        /**
         * SubjectKind
         * @description What a case is about.
         * @enum {string}
         */
        people__support__model__SubjectKind: "general" | "order" | "payment" | "voucher" | "redemption";
        /**
         * DeliveryStatus
         * @description Of one event to one endpoint.
         * @enum {string}
         */
        people__webhooks__model__DeliveryStatus: "pending" | "delivered" | "failed";
        /**
         * DeliveryStatus
         * @description backordered → due → shipped → delivered; what is handed over goes from due to delivered.
         * @enum {string}
         */
        vouchers__gifts__model__DeliveryStatus: "backordered" | "due" | "shipped" | "delivered" | "returned";
        /**
         * StepKind
         * @enum {string}
         */
        vouchers__refunds__model__StepKind: "money" | "recorded" | "reverse" | "return_payout";
        /**
         * StepStatus
         * @enum {string}
         */
        vouchers__refunds__model__StepStatus: "waiting" | "in_flight" | "owing" | "done";
        /**
         * StepKind
         * @description One transaction each. RESET takes an earlier approval back first, for tokens that want it so.
         * @enum {string}
         */
        wallets__defi__model__StepKind: "reset" | "approve" | "swap" | "wrap" | "unwrap";
        /**
         * StepStatus
         * @enum {string}
         */
        wallets__defi__model__StepStatus: "awaiting_signature" | "in_flight" | "done" | "failed" | "cancelled";
        /**
         * Outcome
         * @description allow < second_factor < approval < deny: the strictest of all rules counts, whatever their order.
         * @enum {string}
         */
        wallets__policy__rules__Outcome: "allow" | "second_factor" | "approval" | "deny";
        /**
         * Problem
         * @description RFC 9457. The error's own facts follow as further members.
         */
        Problem: {
            /**
             * Type
             * @description URN of the error
             * @example urn:quanbao:error:insufficient_funds
             */
            type: string;
            /**
             * Title
             * @description The code in words
             * @example Insufficient funds
             */
            title: string;
            /**
             * Status
             * @description HTTP status
             * @example 409
             */
            status: number;
            /**
             * Detail
             * @description What happened and what to do, in the caller's language
             */
            detail: string;
            /**
             * Code
             * @description Stable name of the error
             * @example insufficient_funds
             */
            code: string;
            /**
             * Retryable
             * @description Whether the same request may succeed later
             * @example false
             */
            retryable: boolean;
            /**
             * Request Id
             * @description Quote it to the operator
             * @example 4f2b1c9ad0e34c0b8f5e7a6d1c2b3a49
             */
            request_id: string | null;
        } & {
            [key: string]: unknown;
        };
        /**
         * EventRead
         * @description What happened. Fetch what the ids name for the record itself.
         */
        EventRead: {
            /**
             * Kind
             * @example payment.final
             */
            kind: string;
            /**
             * Tenant Id
             * Format: uuid
             * @description The person or the organisation that it concerns
             */
            tenant_id: string;
            /**
             * Data
             * @example {
             *       "payment_id": "7c0e4a52-3a0e-4f5e-9b39-0a5b0f6a7f11"
             *     }
             */
            data: {
                [key: string]: unknown;
            };
            /**
             * Created At
             * Format: date-time
             */
            created_at: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
