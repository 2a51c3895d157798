import type { components } from "../../api/schema";

type Shapes = components["schemas"];

export type Notice = Shapes["NotificationRead"];
export type NoticeKind = Shapes["NotificationKind"];
export type Preferences = Shapes["PreferencesRead"];
export type Followed = Shapes["FollowedRead"];
export type Happened = Shapes["EventRead"];
