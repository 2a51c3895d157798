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
         * ApprovalKind
         * @enum {string}
         */
        ApprovalKind: "allowance" | "operator" | "permit2" | "delegation";
        /**
         * ApprovalRead
         * @description Something that somebody else may take.
         */
        ApprovalRead: {
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
            items: components["schemas"]["ApprovalRead"][];
            /**
             * Complete
             * @description False: more of the history is left to read; ask again
             */
            complete: boolean;
        };
        /**
         * AskedFor
         * @enum {string}
         */
        AskedFor: "payment" | "message" | "typed_data";
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
            kind: components["schemas"]["StepKind"];
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
             * @description First moment, in block time; whole seconds
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
             * @description One per chain
             */
            lanes: components["schemas"]["LaneBody"][];
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
             * @description Organisations that accept the vouchers; null: the drafting one; others need sponsor_bp 10000
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
         * ConsentRead
         * @description Something for an outside wallet to sign (`eth_signTypedData_v4`).
         */
        ConsentRead: {
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
         * EffectBody
         * @description What one voucher takes off, in minor units; name only the fields of the kind.
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
             * @description `percent`, and `threshold` with per_each: at most this
             */
            max_off?: number | null;
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
         * LineBody
         * @description One line of the cart, with tax, after price promotions.
         */
        LineBody: {
            /**
             * Sku
             * @example tea-001
             */
            sku: string;
            /**
             * Name
             * @example 龙井 250g
             */
            name: string;
            /**
             * Quantity
             * @example 1
             */
            quantity: number;
            /**
             * Unit Price Minor
             * @description Minor units
             * @example 10000
             */
            unit_price_minor: number;
            /** Category */
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
             * @example li@example.com
             */
            email: string;
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
        MemberRole: "owner" | "manager" | "cashier" | "sponsor";
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
        /** Page[ConsentRead] */
        Page_ConsentRead_: {
            /** Items */
            items: components["schemas"]["ConsentRead"][];
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
             * @example mei@example.com
             */
            email: string;
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
         * QuoteRead
         * @description What the account would pay; nothing is locked.
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
            total: components["schemas"]["CurrencyAmount"];
            discount: components["schemas"]["CurrencyAmount"];
            remainder: components["schemas"]["CurrencyAmount"];
            /** @description What moves from holder to merchant in the same transaction */
            remainder_on_chain: components["schemas"]["ChainAmount"];
            /** Payable Per Line */
            payable_per_line: number[];
            /** Used */
            used: components["schemas"]["UsedVoucherRead"][];
            /** Unused */
            unused: components["schemas"]["UnusedVoucherRead"][];
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
         * Receipt
         * @description What was bought, what it cost, and where the chain says so.
         */
        Receipt: {
            order: components["schemas"]["OrderRead"];
            payment: components["schemas"]["PaymentRead"];
            quote: components["schemas"]["QuoteRead"];
            /**
             * Document
             * @description The order document; keccak256 of its canonical bytes is order_hash
             */
            document: {
                [key: string]: unknown;
            };
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
        };
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
         * StepKind
         * @description One transaction each. RESET takes an earlier approval back first, for tokens that want it so.
         * @enum {string}
         */
        StepKind: "reset" | "approve" | "swap" | "wrap" | "unwrap";
        /**
         * StepRead
         * @description One transaction of a swap, and where it stands.
         */
        StepRead: {
            /** Number */
            number: number;
            kind: components["schemas"]["StepKind"];
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
            status: components["schemas"]["StepStatus"];
            /** Tx Hash */
            tx_hash: string | null;
            failure: components["schemas"]["api__schemas__transfers__FailureRead"] | null;
        };
        /**
         * StepStatus
         * @enum {string}
         */
        StepStatus: "awaiting_signature" | "in_flight" | "done" | "failed" | "cancelled";
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
            warnings: components["schemas"]["WarningRead"][];
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
            status: components["schemas"]["StepStatus"];
            /**
             * Signs
             * @description keystore · outside
             * @example keystore
             */
            signs: string;
            terms: components["schemas"]["TermsRead"];
            /** Steps */
            steps: components["schemas"]["StepRead"][];
            /** @description What came out, from the final receipt */
            received: components["schemas"]["ChainAmount"] | null;
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
            warnings: components["schemas"]["WarningRead"][];
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
         * UnlockRead
         * @description The keys are usable by this session until then.
         */
        UnlockRead: {
            /** Unlocked Until */
            unlocked_until: string;
        };
        /**
         * UnusedReason
         * @description Why a voucher is not used.
         * @enum {string}
         */
        UnusedReason: "not_yet_valid" | "expired" | "other_currency" | "other_merchant" | "nothing_eligible" | "below_min_spend" | "below_min_quantity" | "no_such_gift" | "gift_out_of_stock" | "limit_reached" | "no_effect" | "nothing_left" | "one_per_campaign" | "most_per_campaign" | "not_combinable" | "order_full" | "not_best";
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
        };
        /** UsedVoucherRead */
        UsedVoucherRead: {
            /** Voucher */
            voucher: string;
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
        };
        /**
         * VoucherKind
         * @enum {string}
         */
        VoucherKind: "threshold" | "percent" | "cash" | "gift" | "stored_value" | "points";
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
            /** Valid Until */
            valid_until: string;
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
        };
        /**
         * VoucherStatus
         * @enum {string}
         */
        VoucherStatus: "live" | "redeemed" | "void";
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
         * WarningRead
         * @description Something to accept before the transfer is signed.
         */
        WarningRead: {
            /**
             * Code
             * @example contract_recipient
             */
            code: string;
            /** Message */
            message: string;
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
         * Word
         * @description pending → accepted / refused / expired.
         * @enum {string}
         */
        Word: "pending" | "accepted" | "refused" | "expired";
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
